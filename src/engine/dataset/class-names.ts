/** What data call the classes of a bundle, where folders or tables have names of their own for them. */
import { AssayError } from '../../shared/errors'

/** The data's name for a class → the class. Several may mean one. Case does not matter, as in all names of classes. */
export type ClassNames = Readonly<Record<string, string>>

/** What a name in the data means. */
export function meaning(classNames: ClassNames = {}): (name: string) => string {
  const meant = new Map(Object.entries(classNames).map(([name, means]) => [name.trim().toLowerCase(), means]))
  return (name) => meant.get(name.trim().toLowerCase()) ?? name
}

/** The place of a class among those of a bundle by the data's name for it; -1 for one that is none of them. @throws AssayError `data-set-invalid` where a name is said to mean what is none of them */
export function labelByName(classes: readonly string[], classNames: ClassNames = {}): (name: string) => number {
  const placeOf = (name: string): number => classes.findIndex((known) => known.toLowerCase() === name.trim().toLowerCase())
  for (const [name, means] of Object.entries(classNames))
    if (placeOf(means) < 0) throw new AssayError('data-set-invalid', `${name} is said to be ${means}, which is none of the classes ${classes.join(', ')}; give one of them.`, { name, means })
  const meant = meaning(classNames)
  return (name) => placeOf(meant(name))
}

/** More are no names of classes: another column of a table, or folders of patients. */
const mostAsked = 20

/** For an error: the names that no class bears, so that a page can ask which they mean. */
export function unknownNames(names: Iterable<string>): { unknown?: string } {
  const different = [...new Set(names)]
  return different.length > mostAsked ? {} : { unknown: different.join('\n') }
}
