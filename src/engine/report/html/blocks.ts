/** Each kind of block as HTML. */
import type { Block, Cell } from '../document'
import { matrixLabels, shareOfRow } from '../matrix'
import { swatch } from '../plots/scene'
import { svgOf } from './svg'
import { html, type Html } from './template'

/** Fields of a heat table are as dark as one of this many steps. */
export const heatSteps = 10

const detailOf = (detail: string | undefined): Html | null => (detail === undefined ? null : html`<span class="detail">${detail}</span>`)

function cellOf({ text, detail, tone }: Cell, align: 'left' | 'right'): Html {
  const classes = [align === 'right' ? 'r' : '', tone ?? ''].filter(Boolean).join(' ')
  return html`<td${classes ? html` class="${classes}"` : null}>${text}${detailOf(detail)}</td>`
}

function tableOf({ caption, columns, groups }: Extract<Block, { kind: 'table' }>): Html {
  const total = columns.reduce((sum, { weight }) => sum + weight, 0)
  return html`<figure class="table"><figcaption>${caption}</figcaption><div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table class="data">
<colgroup>${columns.map(({ weight }) => html`<col width="${Math.round((100 * weight) / total)}%">`)}</colgroup>
<thead><tr>${columns.map(({ title, align }) => html`<th scope="col"${align === 'right' ? html` class="r"` : null}>${title}</th>`)}</tr></thead>
${groups.map(
    ({ name, detail, rows }) =>
      html`<tbody>${rows.map((row, i) => html`<tr>${i === 0 ? html`<th scope="rowgroup" rowspan="${rows.length}">${name}${detailOf(detail)}</th>` : null}${row.map((cell, j) => cellOf(cell, columns[j + 1]!.align))}</tr>`)}</tbody>
`,
  )}</table></div></figure>`
}

function matrixOf(title: string, classes: readonly string[], counts: readonly (readonly number[])[]): Html {
  const { rows, columns } = matrixLabels(classes)
  return html`<table class="matrix"><caption>${title}</caption><thead><tr><td></td>${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead><tbody>${counts.map(
    (row, label) => html`<tr><th scope="row">${rows[label] ?? ''}</th>${row.map((count) => html`<td class="heat-${Math.round(heatSteps * shareOfRow(row, count))}">${count}</td>`)}</tr>`,
  )}</tbody></table>`
}

function exampleOf({ title, detail, pictures }: Extract<Block, { kind: 'examples' }>['items'][number]): Html {
  return html`<section class="example"><h4>${title}</h4><p class="quiet">${detail}</p><div class="pictures">${pictures.map(
    ({ title: name, detail: answer, alarm, picture }) =>
      html`<div><span class="quiet">${name}</span><img width="${picture.width}" height="${picture.height}" alt="${name}" src="data:image/png;base64,${Buffer.from(picture.png).toString('base64')}"><span${alarm ? html` class="wrong"` : null}>${answer}</span></div>`,
  )}</div></section>`
}

export function blockOf(block: Block): Html {
  switch (block.kind) {
    case 'heading':
      return block.level === 1 ? html`<h2 id="${block.id}">${block.text}</h2>` : html`<h3 id="${block.id}">${block.text}</h3>`
    case 'paragraph':
      return html`<p${block.tone ? html` class="${block.tone}"` : null}>${block.text}</p>`
    case 'notice':
      return html`<p class="notice${block.tone === 'alarm' ? ' alarm' : ''}">${block.text}</p>`
    case 'warnings':
      return html`<ul class="warnings">${block.items.map(({ code, message }) => html`<li><b>${message}</b> <code>${code}</code></li>`)}</ul>`
    case 'list':
      return html`<ul>${block.items.map((item) => html`<li>${item}</li>`)}</ul>`
    case 'facts':
      return html`<dl${block.wide ? html` class="wide"` : null}>${block.items.map(({ term, value }) => html`<dt>${term}</dt><dd>${value}</dd>`)}</dl>`
    case 'table':
      return tableOf(block)
    case 'figure':
      return html`<figure><div class="plots">${block.scenes.map(svgOf)}</div><ul class="legend">${block.legend.map(({ name, style }) => html`<li>${svgOf(swatch(style))}${name}</li>`)}</ul><figcaption>${block.caption}</figcaption></figure>`
    case 'matrices':
      return html`<p class="quiet">${block.caption}</p><div class="scroll"><div class="matrices">${block.items.map(({ title, counts }) => matrixOf(title, block.classes, counts))}</div></div>`
    case 'examples':
      return html`<p class="quiet">${block.caption}</p>${block.items.map(exampleOf)}`
    case 'signature':
      return html`<div class="signature">${block.fields.map((field) => html`<div>${field}</div>`)}</div>`
  }
}
