/**
 * Where well-known systems keep what they live on. A benchmark has no business below any of these, even when they look
 * empty: a system that starts a minute later would find our keys among its own.
 */

/** Prefix -> whose it is; each with where that is written down. */
const owners: readonly (readonly [prefix: string, owner: string])[] = [
  ['/registry', 'Kubernetes'], // kube-apiserver --etcd-prefix, default "/registry"
  ['/kubernetes.io', 'OpenShift'], // openshift-apiserver storagePrefix "kubernetes.io"
  ['/openshift.io', 'OpenShift'], // openshift-apiserver storagePrefix "openshift.io"
  ['/calico', 'Calico'], // libcalico-go, etcdv3 datastore: all keys below /calico
  ['/cilium', 'Cilium'], // cilium kvstore.BaseKeyPrefix = "cilium"
  ['/coreos.com', 'flannel, locksmith and fleet'], // flannel --etcd-prefix, default "/coreos.com/network"
  ['/service', 'Patroni'], // patroni "namespace", default "/service/"
  ['/vitess', 'Vitess'], // topo_global_root, by convention "/vitess/global"
  ['/rook', 'Rook'], // rook 0.x kept its cluster state in etcd below /rook
  ['/_sd.placement', 'M3'], // m3cluster placement namespace
  ['/skydns', 'CoreDNS and SkyDNS'], // coredns plugin "etcd", default path "/skydns"
  ['/apisix', 'Apache APISIX'], // apisix deployment.etcd.prefix, default "/apisix"
  ['/traefik', 'Traefik'], // traefik providers.etcd.rootKey, default "traefik"
  ['/by-dev', 'Milvus'], // milvus etcd.rootPath, default "by-dev"
  ['/stolon', 'Stolon'], // stolon store prefix "stolon/cluster"
  ['/tidb', 'TiDB'], // tidb's server information and DDL ownership
  ['/topology/server', 'TiDB'], // tidb's topology synchronisation, which dashboards read
  ['/pd', 'TiKV Placement Driver'], // pd's root path "/pd/<cluster id>"
  ['/contiv.io', 'Contiv'], // contiv netplugin state
  ['/docker', 'Docker'], // docker's cluster store: "docker/nodes", "docker/network"
  ['/_etcd', 'etcd itself'], // v3 discovery: "/_etcd/registry"
];

/** Whose keys live at, above or below `prefix`; null when nobody's that we know of. A leading slash is not needed. */
export function productionOwner(prefix: string): string | null {
  const asked = withSlashes(prefix);
  const found = owners.find(([known]) => asked.startsWith(`${known}/`));
  return found === undefined ? null : found[1];
}

/** Several of these systems write their keys without the leading slash. */
function withSlashes(prefix: string): string {
  return `/${prefix.replace(/^\/+/, '').replace(/\/*$/, '/')}`;
}
