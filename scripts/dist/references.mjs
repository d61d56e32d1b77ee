/**
 * What a JavaScript file loads: imports, `require`, and files of packages that are asked for by `require.resolve`. Read
 * off the text, and rather too much than too little: a name inside of a comment keeps a package that nobody needs, a name
 * that was overlooked would be missed on somebody's desk.
 */
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { createRequire, isBuiltin } from 'node:module'
import { dirname, join } from 'node:path'

const forms = [
  /\b(?:require|import|resolve)\s*\(\s*(["'`])([^"'`\n]+)\1/g,
  /\b(?:import|export)\b[^"'`;()]*?\bfrom\s*(["'])([^"'\n]+)\1/g,
  /\bimport\s*(["'])([^"'\n]+)\1/g,
]
/** Names that are put together while it runs. */
const unforeseen = /\b(?:require|inquire|import)\s*\(\s*(?!["'`\s/)])|\binquire\s*\(/

/** `@scope/name/file.js` → `@scope/name`; null for paths and for what is no package at all. */
export function packageOf(specifier) {
  const [, name] = /^((?:@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*)(?:\/|$)/i.exec(specifier) ?? []
  return name === undefined || isBuiltin(specifier) || isBuiltin(name) ? null : name
}

/**
 * @returns {{ specifiers: string[], certain: boolean }} certain: no name is put together while the file runs, other than
 * of files beside it
 */
export function references(text) {
  const specifiers = new Set()
  for (const form of forms) for (const [, , specifier] of text.matchAll(form)) specifiers.add(specifier)
  return { specifiers: [...specifiers], certain: !unforeseen.test(text) }
}

/** Every file that conditions like "import" and "require" may lead to, but for browsers and type checkers. */
function* leaves(target) {
  if (typeof target === 'string') yield target
  else if (Array.isArray(target)) for (const each of target) yield* leaves(each)
  else if (target !== null && typeof target === 'object') for (const [condition, each] of Object.entries(target)) if (!['types', 'browser'].includes(condition)) yield* leaves(each)
}

/** The folder of a package as Node finds it from a file, or null. */
export function packageFolder(name, from) {
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate)
    if (dirname(folder) === folder) return null
  }
}

/** The files that a specifier may mean, seen from a file: none where it means nothing. */
export function filesMeant(specifier, from) {
  // The rest of a name that is put together is not known; its package is, and that is shipped whole.
  if (specifier.includes('${')) return []
  const name = packageOf(specifier)
  if (name !== null) {
    const folder = packageFolder(name, from)
    if (folder === null) return []
    const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const subpath = `.${specifier.slice(name.length)}`
    const target = exports?.[subpath] ?? (subpath === '.' && exports !== undefined && !Object.keys(exports).some((key) => key.startsWith('.')) ? exports : undefined)
    const files = [...leaves(target)].map((file) => join(folder, file)).filter((file) => existsSync(file))
    if (files.length > 0) return files
  }
  try {
    return [createRequire(from).resolve(specifier)]
  } catch {
    return []
  }
}
