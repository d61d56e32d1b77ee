/** Bundles by the names that people gave them; those of audits may be gone by now, then by their id. */
import { useSession } from '../../state/session'

export const useBundleName = (bundle: string): string => useSession((state) => state.bundles.find(({ id }) => id === bundle)?.name ?? bundle)
