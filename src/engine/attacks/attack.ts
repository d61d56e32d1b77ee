/**
 * The one interface of all attacks. An attack is a record with its name, reference and parameters, and a function from
 * images to adversarial images; `registry.ts` lists them.
 *
 * Attacks see logits of images in [0, 1] through a `CompiledTarget`, take gradients with `usableGradient` (`programs.ts`),
 * keep to their norm and radius, and draw random numbers from the seed and the number of the image alone, so that neither
 * the batch size nor an interruption changes what they find.
 */
import type { AttackName, Norm } from '../../shared/audit'
import { Random } from '../tensor/random'
import type { CompiledTarget } from './compiled-target'

export type { Norm }

/** A knob of an attack, as fronts show it. */
export interface AttackParameter {
  readonly label: string
  readonly minimum: number
  readonly maximum: number
  readonly integer: boolean
}

export type AttackOptions = Readonly<Record<string, number>>

/** Passes through the model for one image. */
export interface Passes {
  forward: number
  /** Passes that also go backward; each includes its forward pass. */
  gradient: number
}

/** How much an attack asks of the model per image, at most. */
export interface AttackCost extends Passes {
  /** Of an attack made of several: what an image takes that the first of them breaks. */
  least?: Passes
}

/** Share of images that the first of several attacks is taken to leave where nothing tells: between a bare classifier, of which nothing is left, and a robust one. */
export const guessedLeft = 0.25

/** In forward passes: a forward and a backward pass together take about as long as three. */
export const inForwardPasses = ({ forward, gradient }: Passes): number => forward + 3 * gradient

export interface AttackVariant {
  title: string
  /** What differs, one sentence each. */
  differences: readonly string[]
}

export interface AttackRequest<Options extends AttackOptions = AttackOptions> {
  readonly model: CompiledTarget
  /** [n, C, H, W] in [0, 1]. */
  readonly x: Float32Array
  /** True classes, [n]. */
  readonly labels: Int32Array
  readonly norm: Norm
  /** Radius of the ball in that norm, in units of [0, 1]; what a minimum-norm attack counts as success. */
  readonly epsilon: number
  readonly options: Options
  readonly seed: number
  /** Number of each image within the whole data set, [n]: what its random draws depend on. */
  readonly numbers: Int32Array
  readonly signal?: AbortSignal
  /** Of an attack made of several: the share of images, 0 to 1, that the first is expected to leave, so that `progress` goes evenly. */
  readonly expectedLeft?: number
  /** Share done, 0 to 1. */
  readonly progress?: (share: number) => void
}

export interface AttackResult {
  /** [n, C, H, W] in [0, 1]; the image itself where a minimum-norm attack found nothing. */
  adversarial: Float32Array
  /** Forward passes that each image was given, where the attack counts them. */
  queries?: Int32Array
  /** Which of several attacks got the image, where the attack is made of several; empty where none did. */
  brokenBy?: string[]
}

export interface Attack<Options extends AttackOptions = AttackOptions> {
  readonly name: AttackName
  readonly title: string
  readonly norms: readonly Norm[]
  /** What it asks of the model: gradients, answers only, or nothing. */
  readonly access: 'gradients' | 'queries' | 'none'
  /** Looks for the smallest change that succeeds; one run then speaks for every ε. */
  readonly minimumNorm: boolean
  /** Draws random numbers. */
  readonly random: boolean
  readonly reference: string
  readonly parameters: Readonly<Record<keyof Options & string, AttackParameter>>
  defaults(epsilon: number, norm: Norm): Options
  cost(options: Options, classes: number): AttackCost
  /** What it is called and how it differs where the number of classes makes it another attack than the published one. */
  variant?(classes: number): AttackVariant | undefined
  /** @throws AssayError `cancelled`, `runtime-failed`, `onnx-operator-not-differentiable` */
  run(request: AttackRequest<Options>): Promise<AttackResult>
}

/** The name of an attack as it runs on that many classes. */
export const titleOf = (attack: Pick<Attack, 'title' | 'variant'>, classes: number): string => attack.variant?.(classes)?.title ?? attack.title

/** The generator of one image's draws. @param label what it is drawn for, so that attacks do not share draws */
export const randomOf = (request: Pick<AttackRequest, 'seed' | 'numbers'>, image: number, label: string): Random => new Random(`${request.seed}/${label}/${request.numbers[image]}`)

/** Numbers 0 to n − 1, for callers whose images are the whole data set. */
export const numbered = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => i)
