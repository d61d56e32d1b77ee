/** docs/GUIDE.md within the application, its chapters at the left. English in every language. */
import { useMemo, useRef } from 'react'
import guide from '../../../../docs/GUIDE.md?raw'
import { t } from '../../language'
import { Markdown } from '../../ui/Markdown'
import type { OwnText } from '../../ui/Markdown'
import { anchorOf, parseMarkdown, plainText } from '../../ui/markdown'

const files = import.meta.glob<string>('../../../../docs/guide/*.png', { eager: true, query: '?url', import: 'default' })
const pictures = new Map(Object.entries(files).map(([path, address]) => [path.slice(path.lastIndexOf('/') + 1), address]))

const chapters = parseMarkdown(guide).flatMap((block) => (block.kind === 'heading' && block.level === 2 ? [plainText(block.text)] : []))

export function GuidePage() {
  const text = useRef<HTMLDivElement>(null)
  const own = useMemo<OwnText>(
    () => ({
      picture: (address) => pictures.get(address.slice(address.lastIndexOf('/') + 1)),
      follow: (anchor) => {
        const heading = text.current?.querySelector<HTMLElement>(`[data-anchor="${CSS.escape(anchor)}"]`)
        heading?.scrollIntoView()
        heading?.focus({ preventScroll: true })
      },
    }),
    [],
  )
  return (
    <div className="flex min-h-0 flex-1">
      <nav aria-label={t('guide.chapters')} className="w-64 shrink-0 overflow-y-auto border-r border-line p-3">
        <ul lang="en" className="space-y-0.5">
          {chapters.map((chapter) => (
            <li key={chapter}>
              <button type="button" className="w-full rounded-md px-2 py-1.5 text-left text-ink-soft hover:bg-raised hover:text-ink" onClick={() => own.follow(anchorOf(chapter))}>
                {chapter}
              </button>
            </li>
          ))}
        </ul>
      </nav>
      <div ref={text} tabIndex={0} role="region" aria-label={t('page.guide')} className="min-h-0 min-w-0 flex-1 overflow-y-auto">
        <div lang="en" className="mx-auto max-w-4xl px-6 py-5">
          <Markdown source={guide} own={own} />
        </div>
      </div>
    </div>
  )
}
