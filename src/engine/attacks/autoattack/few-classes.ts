/**
 * AutoAttack was written for ten classes and more. With fewer it runs here all the same, and says so: what differs stands
 * beside its results.
 */

export const fewClasses = (classes: number): boolean => classes < 10

/** What differs from AutoAttack as published, one sentence each; empty from ten classes on. @param classes of the target */
export function fewClassDifferences(classes: number): string[] {
  if (!fewClasses(classes)) return []
  const tried = classes - 1
  return [
    `APGD-T and FAB-T try ${tried === 1 ? 'the one wrong class' : `all ${tried} wrong classes`} instead of nine.`,
    ...(classes === 3 ? ['The denominator of the targeted DLR loss is z(1) − z(3), since there is no fourth logit.'] : []),
    ...(classes === 2 ? ['APGD-T ascends the plain margin z(other) − z(y), since with two logits the DLR loss is not defined.'] : []),
  ]
}

/** The same for its version for randomised defences, whose losses need three classes. */
export function fewClassDifferencesOfRand(classes: number): string[] {
  return classes < 3 ? ['APGD-DLR ascends the plain margin z(other) − z(y), since with two logits the DLR loss is not defined.'] : []
}
