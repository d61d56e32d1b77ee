/** What is said wherever a result is shown whose image the bundle does not know the like of. */
export const unfamiliarSentence = 'This image looks unlike those the model was calibrated on; its verdict is not to be relied on.'
