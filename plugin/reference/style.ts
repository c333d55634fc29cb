/** How the page looks, in light and in dark; and the hash under which its content security policy lets it in. */
import { createHash } from 'node:crypto'

export const style = `
:root {
  color-scheme: light dark;
  --ground: #fff; --panel: #f5f6f8; --line: #d8dce2; --text: #171a1f; --soft: #545c67; --link: #0b57c2; --mark: #eef4ff;
  --caller-ground: #fdf0d3; --caller: #713f00; --server-ground: #fde5e2; --server: #93190f;
  --yes-ground: #dff3e5; --yes: #12572a; --no-ground: #e8eaee; --no: #444b55;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #101317; --panel: #191d23; --line: #323841; --text: #e7e9ed; --soft: #a4acb8; --link: #82b5ff; --mark: #161f2e;
    --caller-ground: #3a2b0d; --caller: #f5c873; --server-ground: #451b1a; --server: #ffb4ac;
    --yes-ground: #12381f; --yes: #92e2aa; --no-ground: #2a3038; --no: #bac2cd;
  }
}
*, ::before, ::after { box-sizing: border-box }
html { scroll-padding-top: 3rem; text-size-adjust: 100%; -webkit-text-size-adjust: 100% }
body {
  margin: 0 auto; padding: 0 1.25rem 4rem; max-width: 76rem; background: var(--ground); color: var(--text);
  font: 1rem/1.6 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif; overflow-wrap: break-word;
}
a { color: var(--link); text-underline-offset: .15em; text-decoration-thickness: from-font }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 4px }
main:focus { outline: none }
.skip { position: absolute; top: -10rem; left: 1rem; padding: .5rem 1rem; background: var(--ground); z-index: 1 }
.skip:focus { top: 1rem }
header { padding: 2.25rem 0 1rem }
h1, h2, h3 { line-height: 1.25; text-wrap: balance; margin: 0 }
h1 { font-size: 2rem; letter-spacing: -.025em }
h2 { font-size: 1.375rem; letter-spacing: -.015em }
h3 { font-size: .8125rem; letter-spacing: .05em; text-transform: uppercase; color: var(--soft); margin: 1.75rem 0 .625rem }
p { margin: .75rem 0; max-width: 44rem }
.lead { font-size: 1.125rem }
.files, caption, figcaption { color: var(--soft) }
.files { font-size: .9375rem }
code, pre { font-family: ui-monospace, SFMono-Regular, 'Cascadia Code', Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace }
code { font-size: .875em; unicode-bidi: isolate }
pre {
  margin: 0; padding: .875rem 1rem; overflow-x: auto; background: var(--panel); border: 1px solid var(--line); border-radius: 8px;
  font-size: .8125rem; line-height: 1.6;
}
pre code { font-size: inherit }
.body { white-space: pre-wrap; overflow-wrap: anywhere; height: 100% }
.body span { display: block; padding-left: 6ch; text-indent: -6ch }
.body b { font-weight: 400; color: var(--soft) }
figure { margin: 0 0 .875rem; min-width: 0 }
figcaption { font-size: .875rem; margin-bottom: .3rem }
.chip {
  display: inline-block; padding: .05em .5em; border-radius: 6px; font-weight: 650; font-size: .875em; line-height: 1.5; font-variant-numeric: tabular-nums;
}
.caller { background: var(--caller-ground); color: var(--caller) }
.server { background: var(--server-ground); color: var(--server) }
.yes { background: var(--yes-ground); color: var(--yes) }
.no { background: var(--no-ground); color: var(--no) }
nav { position: sticky; top: 0; margin: 0 -1.25rem; padding: .5rem 1.25rem; background: var(--ground); border-bottom: 1px solid var(--line) }
nav ul { display: grid; grid-template-columns: repeat(9, minmax(0, 3.5rem)); gap: .25rem; margin: 0; padding: 0; list-style: none }
nav a { display: block; text-decoration: none; color: inherit }
nav .chip { display: block; padding: .3em 0; text-align: center; font-size: .75rem }
nav .name { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
main > section { padding: 2rem 1.25rem; margin: 0 -1.25rem }
main > section + section { border-top: 1px solid var(--line) }
table { width: 100%; border-collapse: collapse; margin-top: .5rem }
caption { text-align: left; font-size: .9375rem; padding-bottom: .5rem }
th, td { padding: .45rem .75rem .45rem 0; line-height: 1.45; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); font-weight: 400 }
thead th { font-size: .8125rem; color: var(--soft) }
tbody th a { display: block; font-weight: 600 }
tbody th code { color: var(--soft); overflow-wrap: anywhere }
tbody tr:last-child > * { border-bottom: 0 }
.wide { display: none }
.error h2 .chip { font-size: .8em; margin-right: .15em }
.link { color: var(--soft); text-decoration: none; font-weight: 400; padding: 0 .25em }
.error:target { background: var(--mark); box-shadow: inset 4px 0 var(--link) }
.type { margin: .35rem 0 0; color: var(--soft) }
dl { margin: 0 }
dt { font-weight: 600 }
dd { margin: 0 }
dl > div + div { margin-top: .625rem }
.what { margin: 1.25rem 0; padding: .875rem 1rem; border: 1px solid var(--line); border-radius: 8px; background: var(--ground) }
summary { cursor: pointer }
.routes, .names { margin: .5rem 0 0; padding: 0; list-style: none }
.routes li { padding: .2rem 0; overflow-wrap: anywhere }
.routes b { font-weight: 650 }
.routes span { color: var(--soft); margin-left: .5rem }
.names { display: flex; flex-wrap: wrap; gap: .375rem }
.names li { padding: .1rem .625rem; border: 1px solid var(--line); border-radius: 6px; font-size: .9375rem; overflow-wrap: anywhere; min-width: 0 }
@media (min-width: 44rem) {
  .wide { display: table-cell }
  tbody th a, tbody th code { white-space: nowrap }
  nav .chip { font-size: .875rem }
  .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 0 1.25rem }
  .pair figure { display: flex; flex-direction: column }
  .pair figure:only-child { grid-column: 1 / -1 }
  .what { display: grid; grid-template-columns: 1fr 1fr; gap: 0 1.5rem }
  .what > div { margin: 0 }
}
@media (min-width: 64rem) {
  html { scroll-padding-top: 0 }
  body { display: grid; grid-template-columns: 14.5rem minmax(0, 1fr); gap: 0 2rem }
  header { grid-column: 1 / -1 }
  nav { align-self: start; margin: 0; padding: 2rem 0; border: 0 }
  nav ul { display: block }
  nav a { display: flex; gap: .625rem; align-items: center; padding: .3rem 0; font-size: .9375rem }
  nav .chip { padding: .05em .5em }
  nav a:hover .name { text-decoration: underline }
  nav .name { position: static; width: auto; height: auto; clip-path: none; white-space: normal }
  main > section { margin: 0 }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth } }
@media print {
  nav, .skip, .files, .link { display: none }
  body { display: block; max-width: none; font-size: 10pt }
  pre { white-space: pre-wrap; break-inside: avoid }
  .error { break-before: page }
  .chip { border: 1px solid }
}
`

/** A source of `style-src`. */
export const styleSource = `'sha256-${createHash('sha256').update(style).digest('base64')}'`
