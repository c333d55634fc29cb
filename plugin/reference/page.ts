/** The error reference as a page: HTML that needs neither scripts nor anything from elsewhere. */
import { html, type Html } from './html.js'
import type { ErrorReference, ReferenceError } from './schema.js'
import { style } from './style.js'
import { headline, labels, lead, originsLead, routesLead } from './labels.js'

/** More routes than these are folded. */
const mostRoutes = 8

type Example = ReferenceError['examples'][number]
type Route = ReferenceError['routes'][number]

/**
 * @param files where the reference is in other formats: their names, and addresses relative to the page's
 */
export function pageOf (reference: ErrorReference, files: ReadonlyArray<readonly [name: string, address: string]>): string {
  const { origins, fields, headers, errors } = reference
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${headline(reference)}</title>
<style>${{ markup: style }}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the errors</a>
<header>
<h1>${headline(reference)}</h1>
<p class="lead">${prose(lead)}</p>
<p class="files">The same as ${files.map(([name, address], index) => html`${index === 0 ? '' : ' and '}<a href="${address}">${name}</a>`)}.</p>
</header>
<nav aria-label="Errors">
<ul>${errors.map(({ code, type, title }) => html`
<li><a href="#${type}">${chip(code)} <span class="name">${title}</span></a></li>`)}
</ul>
</nav>
<main id="main" tabindex="-1">
<section aria-labelledby="glance">
<h2 id="glance">${labels.glance}</h2>
<table>
<caption>The nine answers, and whether waiting may help</caption>
<thead><tr><th scope="col">Code</th><th scope="col">Error</th><th scope="col" class="wide">Meaning</th><th scope="col">Retry</th></tr></thead>
<tbody>${errors.map(({ code, type, title, meaning, retryable }) => html`
<tr><td>${chip(code)}</td><th scope="row"><a href="#${type}">${title}</a> <code>${type}</code></th><td class="wide">${meaning}</td><td>${retryChip(retryable)}</td></tr>`)}
</tbody>
</table>
</section>
${errors.map(errorSection)}
<section aria-labelledby="answer">
<h2 id="answer">${labels.answer}</h2>
<div class="pair">
<div><h3>${labels.fields}</h3>${definitions(fields)}</div>
<div><h3>${labels.headers}</h3>${definitions(headers)}</div>
</div>
</section>
<section aria-labelledby="origins">
<h2 id="origins">${labels.origins}</h2>
<p>${prose(originsLead(reference))}</p>
<h3>${labels.services}</h3>
${names(origins.services)}
<h3>${labels.providers}</h3>
${names(origins.providers)}
</section>
</main>
</body>
</html>
`.markup
}

function errorSection (error: ReferenceError): Html {
  const { code, type, title, meaning, advice, retry, examples, curl, typescript, routes } = error
  return html`<section class="error" id="${type}" aria-labelledby="${type}-title">
<h2 id="${type}-title">${chip(code)} ${title} <a class="link" href="#${type}" aria-label="Link to ${title}">#</a></h2>
<p class="type"><code>${type}</code></p>
<p>${meaning}</p>
<dl class="what">
<div><dt>${labels.advice}</dt><dd>${prose(advice)}</dd></div>
<div><dt>${labels.retry}</dt><dd>${prose(retry)}</dd></div>
</dl>
<h3>${labels.examples}</h3>
<div class="pair">${examples.map(figure)}
</div>
<h3>${labels.handling}</h3>
${snippet('curl', code, curl)}
${snippet('TypeScript', code, typescript)}
<h3>${labels.routes}</h3>
${routeList(routesLead(error), routes)}
</section>
`
}

function figure (example: Example): Html {
  return html`
<figure><figcaption>Raised by ${example.detail.origin}</figcaption>
<pre class="body"><code>{
  <b>"detail"</b>: {
${Object.entries(example.detail).map(([name, value], index, { length }) =>
  html`<span>    <b>"${name}"</b>: ${JSON.stringify(value)}${index === length - 1 ? '' : ','}\n</span>`)}  }
}</code></pre></figure>`
}

function snippet (language: string, code: number, source: string): Html {
  return html`<figure><figcaption>${language}</figcaption>
<pre tabindex="0" role="region" aria-label="${language} for ${code}"><code>${source}</code></pre></figure>`
}

function routeList (lead: string, routes: readonly Route[]): Html {
  if (routes.length === 0) return html`<p>${lead}</p>`
  const open = routes.length > mostRoutes ? html`` : html` open`
  return html`<details${open}><summary>${lead}</summary>
<ul class="routes">${routes.map(routeItem)}
</ul></details>`
}

function routeItem ({ methods, path, summary }: Route): Html {
  return html`
<li><code><b>${methods.join(', ')}</b> ${path}</code>${summary === undefined ? '' : html` <span>${summary}</span>`}</li>`
}

function definitions (list: ErrorReference['fields']): Html {
  return html`<dl>${list.map(({ name, meaning }) => html`
<div><dt><code>${name}</code></dt><dd>${prose(meaning)}</dd></div>`)}
</dl>`
}

function names (list: readonly string[]): Html {
  return html`<ul class="names">${list.map(name => html`<li>${name}</li>`)}</ul>`
}

function chip (code: number): Html {
  return html`<span class="chip ${code < 500 ? 'caller' : 'server'}">${code}</span>`
}

function retryChip (retryable: boolean): Html {
  return html`<span class="chip ${retryable ? 'yes' : 'no'}">${retryable ? 'yes' : 'no'}</span>`
}

/** A text whose code stands between backticks. */
function prose (text: string): Html[] {
  return text.split('`').map((part, index) => index % 2 === 0 ? html`${part}` : html`<code>${part}</code>`)
}
