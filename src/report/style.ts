/**
 * The page's style. Two schemes over one set of custom properties, which the charts use too; every text colour has a
 * contrast of at least 4.5 against what it stands on (a test measures it). Paper is always light.
 */

const light = `
--page:#fcfcfb;--panel:#f4f5f5;--ink:#15181c;--ink-2:#57606b;--hairline:#e4e6e8;--axis:#b3b9c0;
--shade:rgba(30,41,59,.055);--accent:#1a5fb4;
--c1:#1a5fb4;--c2:#a34a00;--c3:#0d7265;--c4:#7b3fa8;--c5:#5b6673;
--p50:#0d7265;--p90:#1a5fb4;--p99:#7b3fa8;--pmax:#6b7480;
--limit:#a1373a;--leader:#b3261e;
--pass:#14693b;--pass-tint:#e9f5ee;--fail:#b3261e;--fail-tint:#fcedec;
--invalid:#855000;--invalid-tint:#fbf2e2;--unsure:#4a5a85;--unsure-tint:#eef0f7;`;

const dark = `
--page:#111417;--panel:#1a1e22;--ink:#e9ebee;--ink-2:#a0a9b4;--hairline:#282d33;--axis:#4b545e;
--shade:rgba(200,215,235,.07);--accent:#82b4f5;
--c1:#82b4f5;--c2:#f2a566;--c3:#5ccbb5;--c4:#cda4f2;--c5:#a0a9b4;
--p50:#5ccbb5;--p90:#82b4f5;--p99:#cda4f2;--pmax:#99a3ae;
--limit:#f0908c;--leader:#ff8f86;
--pass:#5fce90;--pass-tint:#14271d;--fail:#ff8f86;--fail-tint:#2f1a19;
--invalid:#efb95c;--invalid-tint:#2b2212;--unsure:#a9b9e8;--unsure-tint:#1c2130;`;

const page = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 -apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans","Liberation Sans",system-ui,Arial,sans-serif;font-variant-numeric:tabular-nums}
main,.bar,footer{max-width:1040px;margin:0 auto;padding:0 40px}
h1,h2,h3,p,dl,dd,figure,table,pre,ul{margin:0;padding:0}
h2{font-size:21px;line-height:1.3;font-weight:650;letter-spacing:-.01em}
h3{font-size:14px;line-height:1.4;font-weight:600}
a{color:var(--accent)}
code,pre,.mono{font-family:ui-monospace,SFMono-Regular,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace;font-size:.875em}
section{margin-top:64px}
.lead{color:var(--ink-2);max-width:74ch;margin-top:4px;text-wrap:pretty}
.quiet{color:var(--ink-2)}
.nowrap{white-space:nowrap}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}`;

const masthead = `
.bar{display:flex;flex-wrap:wrap;gap:4px 20px;justify-content:space-between;align-items:baseline;padding-top:22px;padding-bottom:18px;font-size:14px;color:var(--ink-2)}
.bar b{color:var(--ink);font-weight:650;letter-spacing:-.005em}
.verdict{margin-top:0;padding:34px 40px 36px;border-radius:14px;background:var(--tint)}
.verdict.pass,.is-pass{--tone:var(--pass);--tint:var(--pass-tint)}
.verdict.fail,.is-fail,.is-error{--tone:var(--fail);--tint:var(--fail-tint)}
.verdict.invalid,.is-warn{--tone:var(--invalid);--tint:var(--invalid-tint)}
.verdict.unsure,.is-skip{--tone:var(--unsure);--tint:var(--unsure-tint)}
.verdict h1{display:flex;align-items:center;gap:16px;color:var(--tone);font-size:52px;line-height:1.05;font-weight:750;letter-spacing:-.025em}
.verdict h1 svg{width:50px;height:50px;flex:none}
.meaning{margin-top:12px;color:var(--ink);font-weight:600;font-size:18px}
.cause{text-wrap:pretty;margin-top:8px;font-size:18px;line-height:1.5;max-width:74ch;overflow-wrap:anywhere}
.facts{display:flex;flex-wrap:wrap;gap:6px 26px;margin-top:20px;font-size:14px}
.facts div{display:flex;gap:8px}.facts dt{color:var(--ink-2)}.facts dd{overflow-wrap:anywhere}
.next{margin-top:22px;padding-top:18px;border-top:1px solid color-mix(in srgb,var(--tone) 22%,transparent);font-size:15px}
.next h2{font-size:15px}.next p{margin-top:4px;max-width:74ch}
.command{overflow-x:auto}
.next pre{margin-top:12px;background:color-mix(in srgb,var(--page) 70%,transparent)}
.each{list-style:none;margin-top:18px;display:grid;gap:14px}
.each li{display:grid;grid-template-columns:auto 1fr;gap:2px 12px;overflow-wrap:anywhere}
.each b{color:var(--tone)}.each p{grid-column:1/-1}
.word{color:var(--tone);font-weight:700}`;

const blocks = `
pre{padding:14px 16px;border-radius:8px;background:var(--panel);overflow-x:auto;line-height:1.55;white-space:pre-wrap;overflow-wrap:anywhere}
.figures{display:grid;grid-template-columns:repeat(4,1fr);gap:26px 32px;margin-top:22px}
.figures>div{border-top:1px solid var(--hairline);padding-top:10px;display:flex;flex-direction:column}
.figures dt{font-size:14px;color:var(--ink-2)}
.figures dd{font-size:29px;line-height:1.25;font-weight:600;letter-spacing:-.02em;white-space:nowrap}
.figures .note{font-size:13px;line-height:1.4;font-weight:400;color:var(--ink-2);letter-spacing:0;white-space:normal;margin-top:2px}
.figures.small dd{font-size:20px}
.figures .bad{color:var(--fail)}
.target{margin-top:34px;font-size:16px;overflow-wrap:anywhere}
.scroll{overflow-x:auto;margin-top:18px}
table{border-collapse:collapse;width:100%;font-size:15px;line-height:1.45}
th{font-weight:500;color:var(--ink-2);font-size:13.5px;text-align:left;padding:0 18px 8px 0;vertical-align:bottom}
td{padding:10px 18px 10px 0;border-top:1px solid var(--hairline);vertical-align:top;overflow-wrap:anywhere}
th:last-child,td:last-child{padding-right:0}
.tight td{overflow-wrap:normal;white-space:nowrap}
.tight th small{display:block;font-size:12.5px}
.num{text-align:right;white-space:nowrap}
td .icon,.icon{color:var(--tone);display:inline-flex;width:20px;height:20px;vertical-align:-4px}
.icon svg{width:100%;height:100%}
td.state{width:32px;padding-right:10px}
.measured{font-weight:600;color:var(--tone);white-space:nowrap}
.remedy{display:block;color:var(--ink-2);font-size:14px;margin-top:2px}
.bullet{position:relative;display:block;min-width:120px;height:10px;margin-top:7px;border-radius:2px;background:var(--panel)}
.bullet i{position:absolute;inset:0 auto 0 0;border-radius:2px;background:var(--tone)}
.bullet b{position:absolute;top:-5px;bottom:-5px;width:2px;background:var(--ink)}
.columns{display:grid;grid-template-columns:minmax(0,1.15fr) minmax(0,1fr);gap:44px;align-items:start;margin-top:22px}
.columns.even{grid-template-columns:repeat(2,minmax(0,1fr))}
.columns .scroll{margin-top:0}
.columns h3{margin-bottom:10px}
.facts-table{display:grid;grid-template-columns:10em minmax(0,1fr);gap:9px 20px;margin-top:16px;font-size:15px}
.facts-table dt{color:var(--ink-2)}.facts-table dd{overflow-wrap:anywhere}
details{margin-top:18px}summary{cursor:pointer;color:var(--accent);font-size:15px}
details pre{margin-top:12px;max-height:480px;overflow:auto}
footer{margin-top:72px;margin-bottom:48px;font-size:13px;color:var(--ink-2)}
footer p{border-top:1px solid var(--hairline);padding-top:16px}`;

const charts = `
.chart svg{display:block;width:100%;height:auto;overflow:visible;font-family:inherit}
.chart .narrow{display:none}
.strip{margin-top:26px;position:relative}
.strip:first-of-type{margin-top:22px}
.strip header{display:flex;flex-wrap:wrap;gap:0 10px;align-items:baseline;font-size:14px;margin-bottom:6px}
.strip header span{color:var(--ink-2)}
.strip output{margin-left:auto;color:var(--ink);font-size:13px;white-space:nowrap}
.chart{position:relative}
.cursor{position:absolute;top:0;bottom:24px;width:1px;background:var(--ink-2);opacity:.6;pointer-events:none}
figcaption{font-size:13.5px;color:var(--ink-2);margin-top:8px;max-width:80ch}`;

const phone = `
@media screen and (max-width:759px){
main,.bar,footer{padding-left:16px;padding-right:16px}
section{margin-top:48px}
.verdict{margin-left:-16px;margin-right:-16px;padding:24px 16px 26px;border-radius:0}
.verdict h1{font-size:36px;gap:12px}.verdict h1 svg{width:36px;height:36px}
.cause,.meaning{font-size:16.5px}
.facts{flex-direction:column;gap:4px}
.figures{grid-template-columns:repeat(2,minmax(0,1fr));gap:20px 20px}
.figures dd{font-size:24px}
.columns,.columns.even{grid-template-columns:minmax(0,1fr);gap:28px}
.chart .wide{display:none}.chart .narrow{display:block}.chart{max-width:520px;margin:0 auto}
.facts-table{grid-template-columns:1fr;gap:0}.facts-table dd{margin-bottom:10px}
.stack thead{display:none}
.stack tr{display:grid;grid-template-columns:32px minmax(0,1fr);border-top:1px solid var(--hairline);padding:10px 0}
.stack td{border:0;padding:2px 0;grid-column:2}.stack td.state{grid-column:1;grid-row:1}
.stack td.num{text-align:left}.stack .measured{white-space:normal}
.tight th,.tight td{padding-right:10px;font-size:14px}.tight th small{display:none}
.strip output{width:100%;margin:0;white-space:normal}
}`;

const print = `
@page{margin:14mm 13mm}
@media print{
html{font-size:10pt}body{background:#fff;font-size:10.5pt;-webkit-print-color-adjust:exact;print-color-adjust:exact}
main,.bar,footer{max-width:none;padding-left:0;padding-right:0}
section{margin-top:30px}
.verdict{margin:0;padding:20px 24px;border-radius:10px}.verdict h1{font-size:34pt}
.cause,.meaning{font-size:12pt}
.figures{grid-template-columns:repeat(4,1fr);gap:14px 22px}.figures dd{font-size:17pt}
.columns{grid-template-columns:minmax(0,1.35fr) minmax(0,1fr);gap:26px}
.tight th,.tight td{padding-right:9px;font-size:9.5pt}pre{font-size:8.5pt}
.chart .wide{display:block}.chart .narrow{display:none}
h2,h3,header{break-after:avoid}
.strip,.figures>div,tr,pre,figure,.next,.each li{break-inside:avoid}
.strip{margin-top:12px}
details,output{display:none}
footer{margin-top:30px}
}`;

/** One style sheet, without anything that would be fetched. */
export const styleSheet = [
  `:root{color-scheme:light dark;${light}}`,
  `@media screen and (prefers-color-scheme:dark){:root{${dark}}}`,
  page,
  masthead,
  blocks,
  charts,
  phone,
  print,
]
  .join('')
  .replace(/\n/g, '');
