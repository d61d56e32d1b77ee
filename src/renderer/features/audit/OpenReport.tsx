/**
 * The report as it is saved, looked at within the page. Whatever may stand in it runs no script, opens no window, sends
 * nothing and has no origin: the frame is a sandbox that is given nothing.
 */
import { FileText } from 'lucide-react'
import { useState } from 'react'
import { t } from '../../language'
import { readReportPage } from '../../state/audits'
import { Button } from '../../ui/Button'
import { Sheet } from '../../ui/Sheet'

/** Addresses in a frame without one of its own are those of the page around it; links within the report stay in it. */
const inFrame = (page: string): string => page.replaceAll('<a href="#', '<a href="about:srcdoc#')

export function OpenReport({ jobId }: { jobId: string }) {
  const [page, setPage] = useState<string | null>(null)
  return (
    <>
      <Button onClick={() => void readReportPage(jobId).then(setPage)}>
        <FileText size={15} aria-hidden /> {t('audit.open')}
      </Button>
      <Sheet open={page !== null} title={t('audit.report')} size="tall" onClose={() => setPage(null)}>
        <iframe title={t('audit.report')} sandbox="" srcDoc={page === null ? '' : inFrame(page)} className="mt-3 min-h-0 w-full flex-1 rounded-md border border-line" />
        {/* Keys that are pressed in the frame do not come out of it: Escape neither. */}
        <div className="mt-3 flex justify-end">
          <Button weight="primary" onClick={() => setPage(null)}>
            {t('close')}
          </Button>
        </div>
      </Sheet>
    </>
  )
}
