/** Finds how an operator of a foreign model is written, by its domain and name. */
import { activations, microsoftActivations } from './activations'
import { attentions, microsoftAttentions } from './attention'
import { classical } from './classical'
import { microsoftNormalisation, normalisation } from './normalisation'
import { paddings } from './padding'
import { microsoftProducts } from './products'
import { microsoftQuantisation, quantisation } from './quantisation'
import type { Rewrite } from './rewrite'
import { versions } from './versions'
import { windowRewrites } from './windows'

/** By domain; '' is ONNX's own. */
export const rewrites: Readonly<Record<string, readonly Rewrite[]>> = {
  '': [...versions, ...activations, ...normalisation, ...attentions, ...paddings, ...windowRewrites, ...quantisation],
  'com.microsoft': [...microsoftActivations, ...microsoftNormalisation, ...microsoftProducts, ...microsoftAttentions, ...microsoftQuantisation],
  'ai.onnx.ml': classical,
}

const byDomain = new Map(Object.entries(rewrites).map(([domain, list]) => [domain, new Map(list.map((r) => [r.op, r]))]))

export const rewriteOf = (domain: string, op: string): Rewrite | undefined => byDomain.get(domain)?.get(op)
