/** Models: the bundles that are installed. */
import { useSession } from '../../state/session'

export function ModelsPage() {
  const bundles = useSession((state) => state.bundles)
  return (
    <div className="flex min-h-0 flex-1">
      <aside className="flex w-72 shrink-0 flex-col gap-2 border-r border-line bg-panel px-2.5 pt-2.5 2xl:w-80" aria-label="Bundles">
        <ul>
          {bundles.map(({ id, name }) => (
            <li key={id}>{name}</li>
          ))}
        </ul>
      </aside>
    </div>
  )
}
