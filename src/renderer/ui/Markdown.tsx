/**
 * Markdown on the page, made of elements alone. By itself it shows no pictures and follows no links, whose address stands
 * beside them: a model card comes from whoever made the bundle.
 */
import { createContext, useContext } from 'react'
import { anchorOf, parseMarkdown, plainText } from './markdown'
import type { Block, Inline } from './markdown'

/** What a text of our own may do beyond. */
export interface OwnText {
  /** Where a picture is; undefined for one that is not there. */
  picture: (address: string) => string | undefined
  /** Follows a link within the text. */
  follow: (anchor: string) => void
}

const Own = createContext<OwnText | null>(null)

function Link({ text, address }: { text: string; address: string }) {
  const own = useContext(Own)
  if (!own) return <span>{text === address ? text : `${text} (${address})`}</span>
  if (!address.startsWith('#')) return <span>{text}</span>
  return (
    <button type="button" className="text-accent underline" onClick={() => own.follow(address.slice(1))}>
      {text}
    </button>
  )
}

function Picture({ title, address }: { title: string; address: string }) {
  const source = useContext(Own)?.picture(address)
  return source === undefined ? <p className="text-ink-soft">{title}</p> : <img src={source} alt={title} loading="lazy" width={1280} height={720} className="my-4 h-auto w-full rounded-lg border border-line" />
}

const Text = ({ parts }: { parts: readonly Inline[] }) =>
  parts.map((part, i) => {
    if (part.kind === 'code')
      return (
        <code key={i} className="rounded bg-raised px-1 py-px text-xs [overflow-wrap:anywhere]">
          {part.text}
        </code>
      )
    if (part.kind === 'strong') return <strong key={i}>{part.text}</strong>
    if (part.kind === 'emphasis') return <em key={i}>{part.text}</em>
    if (part.kind === 'link') return <Link key={i} text={part.text} address={part.address} />
    return part.text
  })

/** The text's own headings lie below the page's. */
function Heading({ level, text }: { level: number; text: readonly Inline[] }) {
  const anchor = anchorOf(plainText(text))
  if (level === 1)
    return (
      <h3 data-anchor={anchor} className="text-base font-semibold">
        <Text parts={text} />
      </h3>
    )
  return (
    <h4 data-anchor={anchor} tabIndex={-1} className="mt-5 border-t border-line pt-3 font-semibold">
      <Text parts={text} />
    </h4>
  )
}

/** A row without a head is made for two columns of facts. */
function Table({ head, rows }: { head: readonly Inline[][]; rows: readonly Inline[][][] }) {
  return (
    <div className="overflow-x-auto">
      <table className="w-full border-collapse text-left text-xs">
        {head.some((cell) => cell.length > 0) && (
          <thead>
            <tr>
              {head.map((cell, i) => (
                <th key={i} scope="col" className="border-b border-line-strong py-1 pr-3 font-semibold">
                  <Text parts={cell} />
                </th>
              ))}
            </tr>
          </thead>
        )}
        <tbody>
          {rows.map((row, i) => (
            <tr key={i}>
              {row.map((cell, k) => (
                <td key={k} className={`border-b border-line py-1 pr-3 align-top ${k === 0 ? 'text-ink-soft' : 'numbers'}`}>
                  <Text parts={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Part({ block }: { block: Block }) {
  switch (block.kind) {
    case 'heading':
      return <Heading {...block} />
    case 'table':
      return <Table {...block} />
    case 'code':
      return <pre className="overflow-x-auto rounded-md bg-ground p-2.5 text-xs whitespace-pre-wrap">{block.text}</pre>
    case 'picture':
      return <Picture {...block} />
    case 'rule':
      return <hr className="border-line" />
    case 'list': {
      const items = block.items.map((parts, i) => (
        <li key={i}>
          <Text parts={parts} />
        </li>
      ))
      return block.ordered ? <ol className="list-decimal space-y-1 pl-5">{items}</ol> : <ul className="list-disc space-y-1 pl-5">{items}</ul>
    }
    default:
      return (
        <p className={block.kind === 'quote' ? 'border-l-2 border-line-strong pl-3 text-ink-soft' : ''}>
          <Text parts={block.text} />
        </p>
      )
  }
}

export function Markdown({ source, own = null }: { source: string; own?: OwnText | null }) {
  return (
    <Own value={own}>
      <div className="selectable space-y-2.5 leading-relaxed break-words">
        {parseMarkdown(source).map((block, i) => (
          <Part key={i} block={block} />
        ))}
      </div>
    </Own>
  )
}
