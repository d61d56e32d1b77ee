/** The newcomer's guide, held against what there is: pictures, links, commands, error codes, and every word that is said to stand on the screen. */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { decode } from 'fast-png'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import type { CliEnvironment } from '../../src/cli/environment'
import { createProgram } from '../../src/cli/program'
import { errorCodes } from '../../src/shared/errors'
import { guideLimit } from '../e2e/screens/camera'

const root = resolve(import.meta.dirname, '../..')
const path = join(root, 'docs/GUIDE.md')
const guide = readFileSync(path, 'utf8')
const all = (pattern: RegExp): string[] => [...guide.matchAll(pattern)].map((match) => match[1]!)

/** GitHub's name of a heading. */
const anchor = (heading: string): string => heading.toLowerCase().replace(/[^\w\- ]/g, '').replaceAll(' ', '-')

/** Everything that is said to people in English: the interface's texts, and the pieces between what is filled in; headlines of verdicts. */
function saidOnScreen(): Set<string> {
  const said = new Set<string>()
  const put = (text: string): void => void said.add(text.replace(/\s+/g, ' ').trim())
  const files = ['src/renderer', 'src/shared'].flatMap((folder) => readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)))
  for (const file of [...files, 'src/engine/screening/verdict.ts']) {
    if (!/\.tsx?$/.test(file) || /language\/de\b/.test(file)) continue
    const visit = (node: ts.Node): void => {
      if (ts.isStringLiteralLike(node) || ts.isJsxText(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) put(node.text)
      ts.forEachChild(node, visit)
    }
    visit(ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, false, file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS))
  }
  return said
}

describe('the guide for newcomers', () => {
  const pictures = all(/!\[[^\]]+\]\(([^)]+)\)/g)

  it('shows pictures that are there, all of those and no others, of one size and light enough', () => {
    expect(pictures.length).toBeGreaterThan(10)
    expect(pictures.map((name) => name.replace('guide/', '')).sort()).toEqual(readdirSync(join(root, 'docs/guide')).sort())
    for (const name of pictures) {
      const bytes = readFileSync(join(dirname(path), name))
      expect(bytes.byteLength, name).toBeLessThan(guideLimit)
      const { width, height } = decode(bytes)
      expect([width, height], name).toEqual([1280, 720])
    }
  })

  it('has links that lead somewhere', () => {
    const headings = all(/^#+ (.+)$/gm).map(anchor)
    const links = all(/(?<!!)\[[^\]]+\]\(([^)]+)\)/g)
    expect(links.length).toBeGreaterThan(5)
    for (const link of links) {
      if (link.startsWith('#')) expect(headings).toContain(link.slice(1))
      else expect(existsSync(join(dirname(path), link)), link).toBe(true)
    }
    expect(readFileSync(join(root, 'README.md'), 'utf8')).toContain('(docs/GUIDE.md)')
  })

  it('names what stands on the screen as it stands there', () => {
    const said = saidOnScreen()
    const named = all(/\*\*([^*]+)\*\*/g)
    expect(named.length).toBeGreaterThan(40)
    // A sample is called by its record.
    for (const { title } of JSON.parse(readFileSync(join(root, 'resources/samples/index.json'), 'utf8')) as { title: string }[]) said.add(title)
    expect([...new Set(named)].filter((name) => !said.has(name))).toEqual([])
  })

  it('gives commands with options that they have', () => {
    const program = createProgram({ terminal: { stdout: { write: () => true }, stderr: { write: () => true } } } as unknown as CliEnvironment)
    const lines = all(/(npx assay [^`\n]+)/g)
    expect(lines.length).toBeGreaterThan(5)
    for (const line of lines) {
      const [, , name, ...rest] = line.trim().split(/\s+/)
      const command = program.commands.find((each) => each.name() === name)
      expect(command, line).toBeDefined()
      for (const option of rest.filter((word) => word.startsWith('--'))) expect(command!.options.map(({ long }) => long), line).toContain(option)
    }
    for (const script of all(/node (scripts\/\S+\.mjs)/g)) expect(existsSync(join(root, script)), script).toBe(true)
  })

  it('names error codes that there are', () => {
    const codes = all(/`([a-z]+(?:-[a-z]+)+)`/g)
    expect(codes.length).toBeGreaterThan(5)
    for (const code of codes) expect(errorCodes).toContain(code)
  })

  it('ends with the command that makes its pictures', () => {
    expect(guide.trim().split('\n').at(-1)).toContain('`node scripts/screenshots.mjs guide`')
  })
})
