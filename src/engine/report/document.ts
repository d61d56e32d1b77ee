/**
 * The report as a list of blocks. It is written once (`sections/`) and set twice, as a page (`html/`) and as a PDF
 * (`pdf/`), so that the two cannot say different things.
 */
import type { Scene, SeriesStyle } from './plots/scene'

export interface Cell {
  text: string
  /** A smaller line below: an interval, for instance. */
  detail?: string
  tone?: 'quiet' | 'strong'
}

export interface Column {
  title: string
  align: 'left' | 'right'
  /** Share of the width, against the other columns'. */
  weight: number
}

/** Rows that belong together under a name, which stands in the first column and is repeated after a page break. */
export interface RowGroup {
  name: string
  detail?: string
  /** Without the first column. */
  rows: Cell[][]
}

export interface Picture {
  width: number
  height: number
  png: Uint8Array
}

export type Block =
  | { kind: 'heading'; level: 1 | 2; text: string; id: string }
  | { kind: 'paragraph'; text: string; tone?: 'lead' | 'quiet' }
  /** Stands out: what nobody may miss. */
  | { kind: 'notice'; text: string; tone: 'plain' | 'alarm' }
  | { kind: 'warnings'; items: readonly { code: string; message: string }[] }
  | { kind: 'list'; items: readonly string[] }
  /** Terms and what they stand for; `wide` for values that are sentences. */
  | { kind: 'facts'; items: readonly { term: string; value: string }[]; wide?: boolean }
  | { kind: 'table'; caption: string; columns: readonly Column[]; groups: readonly RowGroup[] }
  | { kind: 'figure'; caption: string; scenes: readonly Scene[]; legend: readonly { name: string; style: SeriesStyle }[] }
  | { kind: 'matrices'; caption: string; classes: readonly string[]; items: readonly { title: string; counts: readonly (readonly number[])[] }[] }
  | { kind: 'examples'; caption: string; items: readonly { title: string; detail: string; pictures: readonly { title: string; detail: string; alarm: boolean; picture: Picture }[] }[] }
  /** Lines to write on. */
  | { kind: 'signature'; fields: readonly string[] }

export interface ReportDocument {
  title: string
  subject: string
  /** Of the program, for the metadata. */
  author: string
  /** ISO 8601. */
  date: string
  /** At the foot of each page. */
  foot: string
  blocks: readonly Block[]
}
