/**
 * Option values as people write them.
 */
import { resolve } from 'node:path'
import { InvalidArgumentError } from 'commander'
import type { z } from 'zod'
import { usageError } from './terminal'

export function number(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Give a number.')
  return value
}

/** `4/255` or a decimal. */
export function fraction(text: string): number {
  const [numerator = '', denominator, ...rest] = text.split('/')
  const value = rest.length > 0 ? Number.NaN : number(numerator) / (denominator === undefined ? 1 : number(denominator))
  if (!Number.isFinite(value)) throw new InvalidArgumentError('Give a fraction like 4/255 or a number like 0.0157.')
  return value
}

/** `name=class`, once for each name; a name may hold a `=` itself. */
export function classNames(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.lastIndexOf('=')
  const [name, means] = [text.slice(0, Math.max(0, at)).trim(), text.slice(at + 1).trim()]
  if (!name || !means) throw new InvalidArgumentError('Give the name in the data and the class, for example opacity=PNEUMONIA.')
  return { ...before, [name]: means }
}

/** Absolute. An empty one, which a shell makes of an unset variable, would stand for the working folder. @throws AssayError `invalid-arguments` */
export function path(text: string): string {
  if (text.trim() === '') throw usageError('A path is empty; give a file or folder.')
  return resolve(text)
}

/** @throws InvalidArgumentError */
export function port(text: string): number {
  const value = number(text)
  if (!Number.isInteger(value) || value < 0 || value > 65535) throw new InvalidArgumentError('Give a whole number up to 65535.')
  return value
}

/** Rows x columns. @throws InvalidArgumentError */
export function size(text: string): { height: number; width: number } {
  const match = /^([1-9]\d*)[x×]([1-9]\d*)$/i.exec(text.trim())
  if (!match) throw new InvalidArgumentError('Give rows x columns, for example 224x224.')
  return { height: Number(match[1]), width: Number(match[2]) }
}

/** A bundle by its id, or by path where it is written like one. */
export const bundle = (text: string): string => (/[\\/]/.test(text) || text.startsWith('.') ? resolve(text) : text)

/** What a schema objects to, as a person says it; zod's own words for what is not foreseen here. */
function objection(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === 'too_small' && issue.origin === 'string') return 'give one that is not empty'
  if (issue?.code === 'too_small') return `give a number ${issue.inclusive ? 'from' : 'above'} ${issue.minimum}${issue.inclusive ? ' up' : ''}`
  if (issue?.code === 'too_big') return `give a number ${issue.inclusive ? 'up to' : 'below'} ${issue.maximum}`
  if (issue?.code === 'invalid_value') return `choose one of ${issue.values.join(', ')}`
  if (issue?.code === 'invalid_type' && issue.expected === 'int') return 'give a whole number'
  if (issue?.code === 'invalid_format') return 'give small letters, digits and hyphens'
  return issue?.message.replace(/\.$/, '') ?? 'not valid'
}

const flagOf = (field: string): string => `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

/**
 * Options as parameters, defaults filled in.
 * @param flags Names of options that differ from the parameter's.
 * @throws AssayError `invalid-arguments` that names the option.
 */
export function parameters<S extends z.ZodType>(schema: S, options: unknown, flags: Record<string, string> = {}): z.output<S> {
  const parsed = schema.safeParse(options)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const field = String(issue?.path[0] ?? '')
  throw usageError(`${flags[field] ?? flagOf(field)}: ${objection(issue)}.`)
}
