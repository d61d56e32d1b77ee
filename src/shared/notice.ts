/** On every report and export, at the first start and under About. The interface says it in its own language. */
export const researchUseOnly = 'Research use only. Not for diagnosis.'
