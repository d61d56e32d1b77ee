/** The pages, in the order of the rail. A new one is a record here and a folder in `features/`. */
import { aboutPage } from '../features/about/page'
import { auditPage } from '../features/audit/page'
import { batchPage } from '../features/batch/page'
import { guidePage } from '../features/guide/page'
import { historyPage } from '../features/history/page'
import { modelsPage } from '../features/models/page'
import { screenPage } from '../features/screen/page'
import { settingsPage } from '../features/settings/page'
import { trainPage } from '../features/train/page'
import type { Page } from './page'

export const pages: readonly Page[] = [screenPage, batchPage, auditPage, trainPage, modelsPage, historyPage, settingsPage, guidePage, aboutPage]

/** The page of an id; the first for an id that no page has. */
export const pageOf = (id: string): Page => pages.find((page) => page.id === id) ?? pages[0]!
