/** A sentence with elements among its words, such as a name in bold type. */
import { Fragment } from 'react'
import type { ReactNode } from 'react'
import { sentence } from './index'
import type { Key, Values } from './index'

/** The sentence of a key with elements for its names. Numbers are to be written by whoever hands them in. */
export function said<K extends Key>(key: K, values: Values<K, ReactNode>): ReactNode {
  const parts: Readonly<Record<string, ReactNode>> = values
  // Every other piece is a name.
  return sentence(key).split(/\{(\w+)\}/).map((piece, i) => <Fragment key={i}>{i % 2 === 0 ? piece : parts[piece]}</Fragment>)
}
