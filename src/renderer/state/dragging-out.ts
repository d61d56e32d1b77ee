/**
 * Results dragged out of the window into another program, where the front can: the file is made when the pointer begins
 * to move, and handed to the system's own dragging if the button is still down by then.
 */
import { AssayError, serializeError } from '../../shared/errors'
import type { Artifact } from '../../shared/types'
import { t } from '../language'
import { platform } from '../platform'
import { showToast } from './toasts'

export interface DragOutProps {
  draggable?: true
  onDragStart?: (event: { preventDefault(): void }) => void
}

/**
 * Follows the button of the mouse from the beginning of a drag. Letting go is the end of the drag and nothing else: no
 * click on what lies below. Once the system drags, the page does not hear of it; the next press ends this, too.
 */
function watchButton(): { readonly held: boolean } {
  const button = { held: true }
  const over = new AbortController()
  const swallow = (event: Event): void => {
    event.preventDefault()
    event.stopPropagation()
  }
  const listening = { capture: true, signal: over.signal }
  window.addEventListener('pointerdown', () => over.abort(), listening)
  window.addEventListener('click', swallow, listening)
  window.addEventListener(
    'pointerup',
    (event) => {
      button.held = false
      swallow(event)
      // The click comes right after it.
      setTimeout(() => over.abort())
    },
    listening,
  )
  return button
}

/**
 * What an element needs to be dragged out; nothing where the front cannot.
 * @param make has the engine make the file as it is wanted now
 */
export function dragOutProps(make: () => Promise<Artifact>): DragOutProps {
  const { dragOut } = platform
  if (!dragOut) return {}
  return {
    draggable: true,
    onDragStart(event) {
      // The page's own dragging could carry addresses only.
      event.preventDefault()
      const button = watchButton()
      void (async () => {
        try {
          const { id } = await make()
          if (!(await dragOut.prepare(id))) throw new AssayError('result-not-found', t('dragNotReady'))
          if (button.held) dragOut.start(id)
          else showToast('bad', t('dragTooEarly'))
        } catch (error) {
          const { message, code } = serializeError(error)
          showToast('bad', message, code)
        }
      })()
    },
  }
}

/** Whether such elements are to be told of. */
export const canDragOut = platform.dragOut !== undefined
