/** What a page of the application is: a record in `pages.ts`. */
import type { LucideIcon } from 'lucide-react'
import type { ComponentType } from 'react'
import type { Intake } from '../platform'

export interface Page {
  /** In the address: `#/<id>`. */
  id: string
  /** Said anew in each language: a getter where it comes from the dictionary. */
  readonly label: string
  icon: LucideIcon
  /** The letter that opens it after G. */
  key: string
  /** Stays mounted once it was opened, hidden behind the others. Its headings begin at h2. */
  component: ComponentType
  /** What the page adds to the top bar. */
  bar?: ComponentType
  /** What becomes of files dropped on the window while the page is shown. */
  drop: {
    /** "Drop to screen with …". */
    useWords: () => string
    take: (intake: Intake) => void
  }
  /** Told when the page is opened from another one. */
  enter?: () => void
  /** Told when another page is opened. */
  leave?: () => void
}
