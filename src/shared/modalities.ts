/** DICOM modalities (PS3.3 C.7.3.1.1.1) as kinds of image. */

/** Those whose images are of one kind to a classifier. */
const alike = [
  ['CR', 'DX', 'RG', 'XR'],
  ['OP', 'XC'],
]

/** "OT" (other) and "SC" (a picture of a screen) say nothing about what is shown. */
const silent = new Set(['', 'OT', 'SC'])

/** Whether images of both are of one kind; undefined where one of them does not say. */
export function sameKind(one: string | undefined, other: string | undefined): boolean | undefined {
  const [a, b] = [one?.toUpperCase() ?? '', other?.toUpperCase() ?? '']
  if (silent.has(a) || silent.has(b)) return undefined
  return a === b || alike.some((group) => group.includes(a) && group.includes(b))
}
