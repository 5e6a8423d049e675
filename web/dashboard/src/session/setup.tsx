import { Anchor, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, body } from '../api/client';
import { useEnter } from './enter';
import { NewAccountForm } from './new-account';
import { Outside } from './outside';
import { useAddressToken } from './token';

/** First run: the link that the server printed leads here, to make the first account and the workspace. */
export function Page() {
  const token = useAddressToken();
  const enter = useEnter();
  const setup = useQuery({ queryKey: ['setup'], queryFn: () => body(api.GET('/v1/setup')) });
  if (setup.data && !setup.data.needed) {
    return (
      <Outside title="Already set up" about="This Deskhand has an account. Sign in, or ask a member to invite you.">
        <Anchor component={Link} to="/sign-in">Go to sign-in</Anchor>
      </Outside>
    );
  }
  if (!token) {
    return (
      <Outside title="Open the set-up link" about="This page needs the whole link that the server printed when it started.">
        <Text size="sm">It ends in <code>/setup#…</code>: copy all of it. It works once and for 24 hours; starting the server again prints a new one.</Text>
      </Outside>
    );
  }
  return (
    <Outside title="Set up Deskhand" about="Make your account. You can invite colleagues later.">
      <NewAccountForm
        first
        verb="Create account"
        make={(account) => body(api.POST('/v1/setup', { body: { token, ...account, email: account.email.trim() } }))}
        done={(session) => enter(session, '/agents/new')}
      />
    </Outside>
  );
}
