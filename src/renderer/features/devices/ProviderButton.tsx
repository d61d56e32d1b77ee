/** Says in the top bar where models run, and opens the sheet about it. */
import { Cpu } from 'lucide-react'
import { t } from '../../language'
import { openDevices, useDevices, wantedProvider } from '../../state/devices'
import { Button } from '../../ui/Button'
import { choiceInShort } from '../../wording/devices'

export function ProviderButton() {
  const report = useDevices((state) => state.report)
  const wanted = useDevices(wantedProvider)
  const short = choiceInShort(wanted, report)
  return (
    <Button weight="quiet" aria-label={t('shell.provider', { provider: short })} title={t('shell.whereModelsRun')} onClick={openDevices}>
      <Cpu size={16} aria-hidden /> {short}
    </Button>
  )
}
