/** Okabe and Ito's colours, which people with colour-blind eyes can tell apart; yellow is left out, it is lost on white. */
export const lightSeries: readonly string[] = ['#0072b2', '#d55e00', '#008a64', '#b8588f', '#3a93c4', '#b27700']
/** The same on a dark page. */
export const darkSeries: readonly string[] = ['#56b4e9', '#ff8c42', '#2ec79b', '#e59bc6', '#a6dcff', '#f0b429']
