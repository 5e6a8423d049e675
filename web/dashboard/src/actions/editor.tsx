import { PageHead } from '../parts/page-head';

/** Placeholder until its owner fills it. */
export function Page() {
  return <PageHead title="Action" />;
}
