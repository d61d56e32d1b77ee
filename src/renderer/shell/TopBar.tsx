/** Product, what the page adds, the standing note, the provider, and help. */
import { Keyboard, Unplug } from 'lucide-react'
import { ProviderButton } from '../features/devices/ProviderButton'
import { t } from '../language'
import { useNavigation } from '../state/navigation'
import { useSession } from '../state/session'
import { Button } from '../ui/Button'
import { ErrorBoundary } from '../ui/ErrorBoundary'
import { withKeys } from '../shortcuts/named'
import { pageOf } from './pages'

export function TopBar({ onHelp }: { onHelp: () => void }) {
  const page = useNavigation((state) => pageOf(state.pageId))
  const connection = useSession((state) => state.connection)
  return (
    <header className="flex h-12 shrink-0 items-center gap-2.5 border-b border-line bg-panel px-3">
      <span className="flex items-center gap-2 pr-1.5 text-base font-semibold">
        <svg width="20" height="20" viewBox="0 0 32 32" aria-hidden>
          <path d="M8 24 16 7l8 17" fill="none" stroke="var(--accent)" strokeWidth="3" strokeLinecap="round" strokeLinejoin="round" />
          <circle cx="16" cy="18.6" r="3.3" fill="var(--suspicious)" />
        </svg>
        Assay
      </span>
      {page.bar && (
        <ErrorBoundary key={page.id} instead={null}>
          <page.bar />
        </ErrorBoundary>
      )}
      <span className="ml-auto" />
      {connection !== 'open' && (
        <span role="alert" className="flex items-center gap-1.5 rounded-md bg-danger-deep px-2 py-1 leading-tight text-danger" title={connection === 'refused' ? t('shell.connectionRefusedHint') : undefined}>
          <Unplug size={15} className="shrink-0" aria-hidden /> {t(connection === 'lost' ? 'shell.connectionLost' : 'shell.connectionRefused')}
        </span>
      )}
      <span className="shrink-0 text-xs text-ink-soft max-lg:w-44 lg:whitespace-nowrap">{t('researchUse')}</span>
      <ProviderButton />
      <Button weight="quiet" aria-label={t('shell.keys')} title={withKeys(t('shell.keys'), 'help')} onClick={onHelp}>
        <Keyboard size={17} aria-hidden /> ?
      </Button>
    </header>
  )
}
