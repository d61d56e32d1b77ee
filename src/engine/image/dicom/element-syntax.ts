/**
 * What data sets are written with: byte order, the tags that mark pieces, value representations (PS3.5, 6.2, 7.1, 7.5).
 */

/** How the elements of a data set are written. */
export interface Encoding {
  littleEndian: boolean
  /** Value representations stand in the file. */
  explicit: boolean
}

export const pixelDataTag = 0x7fe00010
export const itemTag = 0xfffee000
export const itemEnd = 0xfffee00d
export const sequenceEnd = 0xfffee0dd
export const undefinedLength = 0xffffffff

/** Value representations with a length of 32 bits after two reserved bytes (PS3.5, 7.1.2). */
export const longRepresentations: ReadonlySet<string> = new Set('OB OD OF OL OV OW SQ SV UC UN UR UT UV'.split(' '))
export const representations: ReadonlySet<string> = new Set([...longRepresentations, ...'AE AS AT CS DA DS DT FL FD IS LO LT PN SH SL SS ST TM UI UL US'.split(' ')])

export const isPrivate = (tag: number): boolean => (tag >>> 16) % 2 === 1
export const isDelimiter = (tag: number): boolean => tag >>> 16 === 0xfffe

/** How sequences that their writer did not know are written, whatever is around them (PS3.5, 6.2.2). */
export const implicitVr: Encoding = { littleEndian: true, explicit: false }
