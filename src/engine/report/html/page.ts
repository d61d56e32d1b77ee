/**
 * `report.html`: one file that needs no network and no script, and that a browser is told to give neither. Its content
 * security policy allows the one style sheet by its hash, and pictures that are in the file.
 */
import { createHash } from 'node:crypto'
import type { ReportDocument } from '../document'
import { dateText } from '../text'
import { blockOf } from './blocks'
import { styleSheet } from './style'
import { html, Html } from './template'

const policy = ["default-src 'none'", `style-src 'sha256-${createHash('sha256').update(styleSheet).digest('base64')}'`, 'img-src data:', "base-uri 'none'", "form-action 'none'"].join('; ')

export function htmlOf({ title, date, foot, author, blocks }: ReportDocument): string {
  const sections = blocks.flatMap((block) => (block.kind === 'heading' && block.level === 1 ? [block] : []))
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="${author}">
<title>${title}</title>
<style>${new Html(styleSheet)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p class="date">${author}, ${dateText(date)}</p>
<nav aria-label="Sections">${sections.map(({ id, text }) => html`<a href="#${id}">${text}</a> `)}</nav>
${blocks.map((block) => html`${blockOf(block)}
`)}<footer>${foot} · ${author}</footer>
</main>
</body>
</html>
`
  return page.markup
}
