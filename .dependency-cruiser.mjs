/** The arrows of ARCHITECTURE.md. Each rule says why; all look through intermediaries where that is what matters. */
const room = (name) => `^src/${name}/`;
const only = (name, from, allowed, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from },
  to: { path: '^src/', pathNot: [from, ...allowed] },
});

export default {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'A cycle is one room in two files.',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    only('base-stands-alone', room('base'), [], 'base holds tools without domain words.'),
    only('wire-knows-no-etcd', room('wire'), [room('base')], 'HTTP/2 and gRPC framing serve any service.'),
    only('api-is-codecs', room('api'), [room('base')], 'Bytes to objects and back, nothing else.'),
    only('metrics-stands-low', room('metrics'), [room('base')], 'Both the node and the bench count and scrape.'),
    only('client-arrows', room('client'), ['base', 'wire', 'api'].map(room), 'The client is below all that uses it.'),
    only(
      'bench-measures',
      room('bench'),
      ['base', 'wire', 'api', 'client', 'metrics'].map(room),
      'It never judges: no checks, no report, no cli.',
    ),
    only(
      'checks-judge',
      room('checks'),
      ['base', 'api', 'client', 'metrics', 'bench'].map(room),
      'Evidence in, findings out; never prints.',
    ),
    {
      name: 'report-is-pure',
      severity: 'error',
      comment: 'A report is a function of saved documents: types of bench and checks only.',
      from: { path: room('report') },
      to: { path: '^src/', pathNot: [room('report'), room('base')], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'nothing-imports-cli',
      severity: 'error',
      comment: 'cli is the shell around everything.',
      from: { pathNot: room('cli') },
      to: { path: room('cli') },
    },
    {
      name: 'only-cli-imports-report',
      severity: 'error',
      comment: 'Rendering is chosen at the edge.',
      from: { pathNot: [room('cli'), room('report')] },
      to: { path: room('report') },
    },
    {
      name: 'report-does-no-io',
      severity: 'error',
      comment: 'Rendered from saved documents, so that it can be rendered again.',
      from: { path: room('report') },
      to: { reachable: true, path: '^(node:)?(fs|net|tls|http|http2|child_process|worker_threads|os)(/|$)' },
    },
    {
      name: 'wire-is-sans-io',
      severity: 'error',
      comment: 'A connection must run on recorded bytes; only the two socket files touch the world.',
      from: { path: room('wire'), pathNot: '^src/wire/(server-)?socket\\.ts$' },
      to: {
        reachable: true,
        path: '^(node:)?(fs|net|tls|http|http2|timers|crypto|os|perf_hooks|child_process|worker_threads)(/|$)',
      },
    },
    {
      name: 'api-is-pure',
      severity: 'error',
      comment: 'Codecs run anywhere, on anything.',
      from: { path: room('api') },
      to: {
        reachable: true,
        path: '^(node:)?(fs|net|tls|http|http2|timers|crypto|os|perf_hooks|child_process|worker_threads)(/|$)',
      },
    },
    ...Object.entries({
      '@grpc/grpc-js': 'client',
      'prom-client': 'metrics',
      systeminformation: 'metrics',
      yargs: 'cli',
      'hdr-histogram-js': 'bench',
      echarts: 'report',
    }).map(([npm, owner]) => ({
      name: `${owner}-owns-${npm.replace(/\W+/g, '-')}`,
      severity: 'error',
      comment: 'A package has one room, so that it can be replaced in one room.',
      from: { path: '^src/', pathNot: room(owner) },
      to: { path: `node_modules/${npm}(/|$)` },
    })),
    {
      name: 'no-dev-dependencies',
      severity: 'error',
      comment: 'What ships must be installed with it.',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'], pathNot: 'node_modules/@types/' },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      comment: 'Dead files mislead.',
      from: { orphan: true, pathNot: '^src/cli/main\\.ts$' },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
