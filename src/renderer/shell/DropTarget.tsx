/** The whole window takes files, for the page that is shown: while something is dragged over it, it says what a drop will do. */
import { Download } from 'lucide-react'
import { useEffect, useState } from 'react'
import { platform } from '../platform'
import { useNavigation } from '../state/navigation'
import type { Page } from './page'
import { pageOf } from './pages'

const carriesFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false

export function DropTarget() {
  const [over, setOver] = useState(false)
  const page = useNavigation((state) => pageOf(state.pageId))
  useEffect(() => {
    // dragenter and dragleave come for every element crossed; the depth says when the window itself is left.
    let depth = 0
    const enter = (event: DragEvent): void => {
      if (!carriesFiles(event)) return
      event.preventDefault()
      depth++
      setOver(true)
    }
    const over = (event: DragEvent): void => {
      if (carriesFiles(event)) event.preventDefault()
    }
    const leave = (event: DragEvent): void => {
      if (carriesFiles(event) && --depth <= 0) setOver(false)
    }
    const drop = (event: DragEvent): void => {
      if (!event.dataTransfer || !carriesFiles(event)) return
      event.preventDefault()
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
