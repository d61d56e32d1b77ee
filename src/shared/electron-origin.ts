/**
 * The one origin that Assay's pages have, and the names of what passes between the pages and this process.
 */
export const scheme = 'app'
export const origin = `${scheme}://assay`

export const channels = {
  call: 'assay:call',
  pickFiles: 'assay:pick-files',
  pickFolder: 'assay:pick-folder',
  /** The page's: it listens to commands from now on. */
  ready: 'assay:ready',
  prepareDrag: 'assay:prepare-drag',
  startDrag: 'assay:start-drag',
  openDataFolder: 'assay:open-data-folder',
  event: 'assay:event',
  command: 'assay:command',
} as const

/** True for an address of Assay's own pages. */
export function isOwnAddress(address: string): boolean {
  return address === origin || address.startsWith(`${origin}/`)
}
