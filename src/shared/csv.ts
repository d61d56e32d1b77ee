/**
 * Tables for spreadsheets (RFC 4180, UTF-8 with a byte order mark, which Excel asks for).
 *
 * File names come from anywhere, and a spreadsheet runs cells that begin like a formula; those get an apostrophe in
 * front (OWASP, CSV Injection).
 */
import { researchUseOnly } from './notice'


/** A cell that is text and nothing else. */
export function textCell(value: string): string {
  const inert = /^[=+\-@\t\r＝＋－＠]/u.test(value) ? `'${value}` : value
  return /[",\r\n']/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert
}

export const numberCell = (value: number | null | undefined): string => (value === null || value === undefined ? '' : String(value))

/** Its last column is the notice, in every row: whoever cuts a row out takes it along. @param rows of cells made by textCell and numberCell */
export const csvTable = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  `\ufeff${[[...header, 'note'].map(textCell), ...rows.map((row) => [...row, researchUseOnly])].map((row) => row.join(',')).join('\r\n')}\r\n`
