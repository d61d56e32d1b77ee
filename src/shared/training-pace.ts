/**
 * Which trainings tell how long another one takes: those that do the same to every image. How much longer a wider network
 * or one more step of an attack takes is not guessed; every model and every machine answers that differently.
 */
import type { TrainingKind } from './training-record'

/** Parameters that decide what is done to an image. */
const deciding = [
  'bundle', 'from', 'freeze', 'loss', 'width', 'depth', 'blocks', 'localContrast', 'pooling', 'batch',
  'attackSteps', 'adaptiveShare', 'adaptiveSteps', 'adversarialEpsilon', 'adversarialSteps', 'provider',
] as const

/**
 * The same for trainings whose images take as long, pixel for pixel.
 * @param parameters with their defaults @param channels that the network sees
 */
export const paceGroup = (kind: TrainingKind, parameters: Readonly<Record<string, unknown>>, channels: number): string => JSON.stringify([kind, channels, ...deciding.map((name) => parameters[name] ?? null)])
