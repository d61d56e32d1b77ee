/** A model card on the page, made of elements alone. */
import { parseMarkdown } from './markdown'
import type { Block, Inline } from './markdown'

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
    if (part.kind === 'link') return <span key={i}>{part.text === part.address ? part.text : `${part.text} (${part.address})`}</span>
    return part.text
  })

/** The card's own headings lie below the page's. */
function Heading({ level, text }: { level: number; text: readonly Inline[] }) {
  if (level === 1)
    return (
      <h3 className="text-base font-semibold">
        <Text parts={text} />
      </h3>
    )
  return (
    <h4 className="mt-5 border-t border-line pt-3 font-semibold">
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

export function Markdown({ source }: { source: string }) {
  return (
    <div className="selectable space-y-2.5 leading-relaxed break-words">
      {parseMarkdown(source).map((block, i) => (
        <Part key={i} block={block} />
      ))}
    </div>
  )
}
