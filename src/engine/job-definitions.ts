/**
 * The jobs that the engine can run, by kind.
 */
import type { JobDefinition } from './jobs/definition'
import type { JobKind } from '../shared/types'

type Definitions = { readonly [K in JobKind]?: JobDefinition<K> }

export const jobDefinitions: Definitions = {}
