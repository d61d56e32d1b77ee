/**
 * The phantom data sets, for the command line: `assay phantoms`.
 */
export { writePhantomDataSet } from '../phantom/data-set'
