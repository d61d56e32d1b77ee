/**
 * A result as lines for a person: one per fact. Long lists are for --json.
 */
const words = (name: string): string => name.replace(/[A-Z]|(?<=At|Of)\d/g, (letter) => ` ${letter.toLowerCase()}`)

const isScalar = (value: unknown): value is string | number | boolean => ['string', 'number', 'boolean'].includes(typeof value)

const shown = (value: string | number | boolean): string => (typeof value === 'number' ? String(Number(value.toPrecision(5))) : String(value))

function* linesOf(value: object, prefix: string): Generator<string> {
  for (const [name, entry] of Object.entries(value)) {
    const label = prefix === '' ? words(name) : `${prefix}, ${words(name)}`
    if (isScalar(entry)) yield `${label}: ${shown(entry)}`
    else if (Array.isArray(entry)) {
      if (entry.length > 0 && entry.length <= 12 && entry.every(isScalar)) yield `${label}: ${entry.map(shown).join(', ')}`
    } else if (typeof entry === 'object' && entry !== null) yield* linesOf(entry, label)
  }
}

export const facts = (result: object): string[] => [...linesOf(result, '')]
