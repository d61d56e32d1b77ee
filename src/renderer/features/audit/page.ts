/** The Audit page as a record for the rail. */
import { ShieldAlert } from 'lucide-react'
import { t } from '../../language'
import type { Page } from '../../shell/page'
import { newAudit, takeData } from '../../state/audits'
import { AuditPage } from './AuditPage'

export const auditPage: Page = {
  id: 'audit',
  get label() {
    return t('page.audit')
  },
  icon: ShieldAlert,
  key: 'a',
  component: AuditPage,
  drop: {
    useWords: () => t('audit.drop'),
    take: (intake) => {
      newAudit()
      void takeData('data', intake)
    },
  },
}
