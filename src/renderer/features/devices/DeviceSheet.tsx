/** Where models run: the check of each provider against the CPU, and the choice among those that hold up. */
import { dateAndTime, t } from '../../language'
import { LoaderCircle, RotateCw } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Device, Provider, ProviderChoice } from '../../../shared/types'
import { cancelCheck, checkAgain, chooseProvider, closeDevices, useDevices, wantedProvider } from '../../state/devices'
import { useSession } from '../../state/session'
import { Button } from '../../ui/Button'
import { Problem } from '../../ui/Problem'
import { Sheet } from '../../ui/Sheet'
import { canChoose, differenceInWords, providerName, remarkOn, stateInWords, timeInWords } from '../../wording/devices'

const colours: Record<Device['state'], string> = { reference: 'text-ink', agrees: 'text-clean', disagrees: 'text-danger', failed: 'text-danger', absent: 'text-ink-soft' }

function Choice({ choice, disabled = false, children }: { choice: ProviderChoice; disabled?: boolean; children: ReactNode }) {
  const wanted = useDevices(wantedProvider)
  return (
    <label className={`flex items-center gap-2.5 py-2 ${disabled ? 'text-ink-soft' : 'cursor-pointer'}`}>
      <input type="radio" name="provider" className="accent-accent" checked={wanted === choice} disabled={disabled} onChange={() => chooseProvider(choice)} />
      {children}
    </label>
  )
}

function Row({ provider, device }: { provider: Provider; device: Device | undefined }) {
  const remark = device ? remarkOn(device) : ''
  return (
    <>
      <tr className="border-t border-line" data-provider={provider}>
        <th scope="row" className="pr-3 text-left font-normal whitespace-nowrap">
          <Choice choice={provider} disabled={!canChoose(device)}>
            {providerName(provider)}
          </Choice>
        </th>
        <td className={`pr-3 ${device ? colours[device.state] : 'text-ink-soft'}`}>{device ? stateInWords(device) : t('devices.notChecked')}</td>
        <td className="numbers pr-3 text-right">{differenceInWords(device?.forward)}</td>
        <td className="numbers pr-3 text-right">{differenceInWords(device?.backward)}</td>
        <td className="numbers text-right whitespace-nowrap">{timeInWords(device?.milliseconds)}</td>
      </tr>
      {remark && (
        <tr>
          <td colSpan={5} className="selectable pb-2 pl-6 text-xs break-words text-ink-soft">
            {remark}
          </td>
        </tr>
      )}
    </>
  )
}

function Table() {
  const report = useDevices((state) => state.report)
  const providers = useSession((state) => state.providers)
  const all = report ? report.devices.map(({ provider }) => provider) : providers
  const heading = 'pb-1 text-xs font-semibold text-ink-soft'
  return (
    <table className="mt-1 w-full border-collapse">
      <caption className="sr-only">{t('devices.caption')}</caption>
      <thead>
        <tr>
          <th scope="col" className={`${heading} pr-3 text-left`}>
            {t('devices.provider')}
          </th>
          <th scope="col" className={`${heading} pr-3 text-left`}>
            {t('devices.state')}
          </th>
          <th scope="col" className={`${heading} pr-3 text-right`}>
            {t('devices.answers')}
          </th>
          <th scope="col" className={`${heading} pr-3 text-right`}>
            {t('devices.gradients')}
          </th>
          <th scope="col" className={`${heading} text-right`}>
            {t('devices.time')}
          </th>
        </tr>
      </thead>
      <tbody>
        {all.map((provider) => (
          <Row key={provider} provider={provider} device={report?.devices.find((device) => device.provider === provider)} />
        ))}
      </tbody>
    </table>
  )
}

/** What is going on, or what it is all based on; of the same height either way. */
function Standing() {
  const { job, report } = useDevices()
  if (job)
    return (
      <span role="status" className="flex items-center gap-2 text-ink-soft">
        <LoaderCircle size={15} className="animate-spin text-accent" aria-hidden />
        {job.state === 'queued' ? t('devices.waits') : job.message || t('devices.checking')}
        <Button weight="quiet" onClick={() => void cancelCheck()}>
          {t('cancel')}
        </Button>
      </span>
    )
  return (
    <span role="status" className="selectable min-w-0 text-xs break-words text-ink-soft">
      {report ? t('devices.checked', { date: dateAndTime(report.checkedAt), machine: report.machine }) : t('devices.notCheckedHere')}
    </span>
  )
}

export function DeviceSheet() {
  const { open, report, job, error, choice } = useDevices()
  const given = useDevices(wantedProvider)
  return (
    <Sheet open={open} title={t('devices.title')} onClose={closeDevices} size="wide">
      <p className="mt-1 text-ink-soft">
        {t('devices.about')}
      </p>
      <fieldset className="mt-3">
        <legend className="sr-only">{t('devices.legend')}</legend>
        <Choice choice="auto">
          <span>
            {providerName('auto')}
            <span className="ml-2 text-xs text-ink-soft">{report ? t('devices.fastestHere', { provider: providerName(report.auto) }) : t('devices.fastest')}</span>
          </span>
        </Choice>
        <Table />
      </fieldset>
      {given !== choice && <p className="mt-2 text-xs text-suspicious">{t('devices.fallback', { provider: providerName(choice) })}</p>}
      {error && (
        <div className="mt-3">
          <Problem title={t('devices.failed')} error={error} />
        </div>
      )}
      <div className="mt-4 flex min-h-8 items-center justify-between gap-4">
        <Standing />
        <span className="flex shrink-0 gap-2">
          <Button disabled={job !== null} onClick={() => void checkAgain()}>
            <RotateCw size={14} aria-hidden /> {report ? t('devices.checkAgain') : t('devices.checkNow')}
          </Button>
          <Button weight="primary" onClick={closeDevices}>
            {t('close')}
          </Button>
        </span>
      </div>
    </Sheet>
  )
}
