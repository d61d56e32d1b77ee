/**
 * The page's style sheet: narrow to wide, light and dark as the reader's system is, and always light on paper. Nothing
 * of it comes from the report, so its hash can stand in the content security policy.
 */
import { darkSeries, lightSeries } from '../plots/palette'
import { heatSteps } from './blocks'

const variables = (values: Record<string, string>, series: readonly string[]): string =>
  [...Object.entries(values), ...series.map((colour, i): [string, string] => [`series-${i}`, colour])].map(([name, value]) => `--${name}:${value};`).join('')

const light = variables({ paper: '#ffffff', card: '#f6f7f9', ink: '#14181f', soft: '#515b69', grid: '#dde1e7', line: '#c6ccd5', alarm: '#a4262c', 'alarm-paper': '#fdf1f1', accent: '#0b5cad', heat: '0, 90, 160', scheme: 'light' }, lightSeries)
const dark = variables({ paper: '#12151b', card: '#1a1f27', ink: '#e8ebf0', soft: '#a3adbb', grid: '#2b323d', line: '#3a4350', alarm: '#ff8f8f', 'alarm-paper': '#2c1a1d', accent: '#7db8ff', heat: '70, 150, 225', scheme: 'dark' }, darkSeries)

const inks = ['ink', 'soft', 'grid', ...lightSeries.map((_, i) => `series-${i}`)]
const heat = Array.from({ length: heatSteps + 1 }, (_, i) => `.heat-${i}{background:rgba(var(--heat),${(0.9 * i) / heatSteps});${i > heatSteps * 0.55 ? 'color:#fff;' : ''}}`).join('')

export const styleSheet = `
:root{${light}color-scheme:light}
@media screen and (prefers-color-scheme:dark){:root{${dark}color-scheme:dark}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,"Segoe UI","Helvetica Neue",Arial,sans-serif}
main{max-width:76rem;margin:0 auto;padding:2rem clamp(1rem,4vw,3rem) 4rem}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 .25rem;overflow-wrap:anywhere}
h2{font-size:1.25rem;margin:2.5rem 0 .75rem;padding-top:.75rem;border-top:1px solid var(--line)}
h3{font-size:1.05rem;margin:1.75rem 0 .5rem}
p,ul{margin:.5rem 0;max-width:52rem}
li{margin:.3rem 0;overflow-wrap:anywhere}
.date,.quiet,caption,figcaption,.detail{color:var(--soft)}
.lead{font-size:1.15rem;line-height:1.45;font-weight:500;margin:1rem 0;overflow-wrap:anywhere}
.notice{display:inline-block;margin:.75rem 0 .25rem;padding:.3rem .7rem;border:1px solid var(--line);border-radius:.35rem;font-weight:600}
.alarm{border-color:var(--alarm);color:var(--alarm)}
nav{margin:.75rem 0;color:var(--soft);font-size:.9rem}
nav a{color:var(--accent);margin-right:.9rem;white-space:nowrap;text-decoration:none}
nav a:hover{text-decoration:underline}
.warnings{list-style:none;padding:.25rem 1rem;margin:.5rem 0;max-width:none;background:var(--alarm-paper);border:1px solid var(--alarm);border-left-width:.4rem;border-radius:.35rem}
.warnings li{margin:.6rem 0}
.warnings b{color:var(--alarm)}
code{font:.85em ui-monospace,"SF Mono",Consolas,"DejaVu Sans Mono",monospace;color:var(--soft)}
dl{display:grid;grid-template-columns:minmax(9rem,14rem) 1fr;gap:.3rem 1.25rem;margin:.5rem 0}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}
dl.wide dt{color:var(--ink);font-weight:600}
.scroll{overflow-x:auto;margin:.5rem 0}
table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums}
.scroll>table.data{width:100%}
caption{text-align:left;padding:0 0 .5rem;caption-side:top;font-size:.875rem}
figure.table figcaption{max-width:none}
th,td{padding:.3rem .6rem;text-align:left;vertical-align:top;font-weight:400}
th.r,td.r{text-align:right}
thead th{color:var(--soft);vertical-align:bottom;border-bottom:1.5px solid var(--line);font-weight:600}
tbody{border-bottom:1px solid var(--grid)}
tbody th{font-weight:600}
td.strong{font-weight:650}
td.quiet{color:var(--soft)}
td.r,th.r{white-space:nowrap}
thead th.r{white-space:normal}
.detail{display:block;font-size:.78rem;font-weight:400}
figure{margin:1.25rem 0}
figcaption{font-size:.875rem;max-width:52rem}
.plots{display:flex;flex-wrap:wrap;gap:1rem}
.plots svg{flex:1 1 20rem;max-width:34rem;min-width:0;height:auto;font-family:inherit;background:var(--card);border-radius:.4rem}
svg polyline{fill:none;stroke-linejoin:round;stroke-linecap:round}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;padding:0;margin:.5rem 0;max-width:none;font-size:.85rem}
.legend li{display:flex;align-items:center;gap:.4rem;margin:0}
.matrices{display:flex;flex-wrap:wrap;gap:1.5rem 2.5rem;align-items:flex-start}
.matrix{font-size:.8rem}
.matrix caption{color:var(--ink);font-weight:600}
.matrix td{text-align:center;min-width:2.6rem}
.matrix tbody{border:0}
.matrix thead th{text-align:center;vertical-align:bottom;max-width:7rem;overflow-wrap:anywhere}
.matrix tbody th{max-width:11rem;overflow-wrap:anywhere;text-align:right}
.example{margin:1.25rem 0;break-inside:avoid}
.example h4{margin:0;font-size:.95rem;overflow-wrap:anywhere}
.example p{margin:.2rem 0 .6rem;font-size:.875rem;max-width:none;overflow-wrap:anywhere}
.pictures{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.75rem;max-width:66rem}
.pictures div{max-width:16rem}
.pictures img{display:block;width:100%;height:auto;image-rendering:pixelated;background:#000;border-radius:.25rem}
.pictures span{display:block;font-size:.82rem;overflow-wrap:anywhere}
.pictures .wrong{color:var(--alarm);font-weight:600}
.signature{display:flex;flex-wrap:wrap;gap:2rem;margin-top:4rem}
.signature div{flex:1 1 12rem;border-top:1px solid var(--ink);padding-top:.3rem;color:var(--soft);font-size:.85rem}
footer{margin-top:3rem;color:var(--soft);font-size:.85rem;border-top:1px solid var(--line);padding-top:.75rem;overflow-wrap:anywhere}
${inks.map((ink) => `.stroke-${ink}{stroke:var(--${ink})}.fill-${ink}{fill:var(--${ink})}`).join('')}
${heat}
@media (max-width:40rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}th,td{padding:.3rem .4rem}}
@page{size:A4;margin:16mm 14mm}
@media print{
body{font-size:9.5pt;-webkit-print-color-adjust:exact;print-color-adjust:exact}
main{padding:0;max-width:none}
nav{display:none}
.scroll{overflow:visible}
table{font-size:7.6pt}
th,td{padding:1.4pt 4pt}
.detail{font-size:6.8pt}
thead{display:table-header-group;break-after:avoid}
figcaption,.legend,.quiet,.example p{font-size:8pt}
tr,figure:not(.table),figcaption,.example,li{break-inside:avoid}
tbody{break-inside:avoid}
h2,h3,h4,caption,.table figcaption{break-after:avoid}
.plots svg{flex:0 0 48%;background:none}
.pictures{grid-template-columns:repeat(4,1fr)}
.matrix{break-inside:avoid}
a{color:inherit;text-decoration:none}
}
`
