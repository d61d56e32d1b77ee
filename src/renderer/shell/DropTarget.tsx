/** The whole window takes files, for the page that is shown: while something is dragged over it, it says what a drop will do. */
import { Download } from 'lucide-react'
import { useEffect, useState } from 'react'
import { platform } from '../platform'
import { useNavigation } from '../state/navigation'
import { noteIsDue, useSettings } from '../state/settings'
import type { Page } from './page'
import { pageOf } from './pages'

const carriesFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false

/** Whether the window takes what is dragged over it. Files that nobody takes would be opened by the browser in place of Assay. */
function takes(event: DragEvent): event is DragEvent & { dataTransfer: DataTransfer } {
  if (!event.dataTransfer || !carriesFiles(event)) return false
  event.preventDefault()
  if (!noteIsDue(useSettings.getState())) return true
  event.dataTransfer.dropEffect = 'none'
  return false
}

export function DropTarget() {
  const [over, setOver] = useState(false)
  const page = useNavigation((state) => pageOf(state.pageId))
  useEffect(() => {
    // dragenter and dragleave come for every element crossed; the depth says when the window itself is left.
    let depth = 0
    const enter = (event: DragEvent): void => {
      if (!takes(event)) return
      depth++
      setOver(true)
    }
    const over = (event: DragEvent): void => void takes(event)
    const leave = (event: DragEvent): void => {
      if (!carriesFiles(event)) return
      depth = Math.max(0, depth - 1)
      if (depth === 0) setOver(false)
    }
    const drop = (event: DragEvent): void => {
      if (!takes(event)) return
      depth = 0
      setOver(false)
      pageOf(useNavigation.getState().pageId).drop.take(platform.fromDrop(event.dataTransfer))
    }
    window.addEventListener('dragenter', enter)
    window.addEventListener('dragover', over)
    window.addEventListener('dragleave', leave)
    window.addEventListener('drop', drop)
    return () => {
      window.removeEventListener('dragenter', enter)
      window.removeEventListener('dragover', over)
      window.removeEventListener('dragleave', leave)
      window.removeEventListener('drop', drop)
    }
  }, [])
  // A page of its own for each, so that the words may use hooks.
  return over ? <Invitation key={page.id} page={page} /> : null
}

function Invitation({ page }: { page: Page }) {
  const words = page.drop.useWords()
  return (
    <div className="pointer-events-none fixed inset-3 z-50 flex flex-col items-center justify-center gap-3 rounded-2xl border-2 border-dashed border-accent bg-ground/85">
      <Download size={40} className="text-accent" aria-hidden />
      <p className="text-lg font-semibold">{words}</p>
    </div>
  )
}
