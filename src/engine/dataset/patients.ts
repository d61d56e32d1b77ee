/**
 * Which images are of one patient, from everything that says so: a table's own column, a manifest of groups, the identifier
 * in DICOM files. Images that any of them ties together belong together.
 */
export interface OfPatient {
  /** `group:…` or `patient:…` where a table says it; else the image's own path, a group of one. */
  group: string
  /** Digest of a DICOM patient identifier. */
  patient?: string | undefined
}

export interface Patients {
  /** For each image the name of its group; images of one patient have the same. */
  groups: string[]
  /** Something says which images belong together. */
  known: boolean
  /** All files carry one and the same DICOM identifier, as badly anonymised ones do; it was not used. */
  sameForAll: boolean
}

/** True where a table named the group. */
const named = (group: string): boolean => /^(group|patient):/.test(group)

export function joinPatients(images: readonly OfPatient[]): Patients {
  const identifiers = new Set(images.flatMap(({ patient }) => patient ?? []))
  const sameForAll = identifiers.size === 1 && images.length > 1 && images.every(({ patient }) => patient !== undefined)
  const parent = new Map<string, string>()
  const find = (key: string): string => {
    let root = key
    for (let up = parent.get(root); up !== undefined; up = parent.get(root)) root = up
    // Paths are made short, so that long chains cost nothing.
    for (let at = key; at !== root; ) {
      const up = parent.get(at)!
      parent.set(at, root)
      at = up
    }
    return root
  }
  for (const { group, patient } of images) {
    if (patient === undefined || sameForAll) continue
    const [from, to] = [find(`dicom:${patient}`), find(group)]
    if (from !== to) parent.set(from, to)
  }
  return {
    groups: images.map(({ group }) => find(group)),
    known: images.some(({ group }) => named(group)) || (identifiers.size > 0 && !sameForAll),
    sameForAll,
  }
}
