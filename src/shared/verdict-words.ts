/** What a verdict says beside its headline: the engine says it in English, the page in the person's language. */
export const verdictWords = {
  compare: 'Compare it with the original in the archive before relying on any automatic reading; about {share} of untouched scans are flagged too.',
  change: "The classifier's answer changed from {before} to {after} without the removed pattern.",
  notUnaltered: 'This does not mean that the image is unaltered or the patient healthy: changes that this detector does not look for, and attacks made against it, can go unseen.',
} as const
