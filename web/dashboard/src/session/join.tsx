import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { api, body } from '../api/client';
import { useEnter } from './enter';
import { NewAccountForm } from './new-account';
import { Outside } from './outside';
import { useAddressToken } from './token';

/** An invited person makes an account here. */
export function Page() {
  const token = useAddressToken();
  const enter = useEnter();
  if (!token) {
    return (
      <Outside title="Open the invitation link" about="This page needs the whole link that you were sent: it ends in /join#…. Copy all of it.">
        <Anchor component={Link} to="/sign-in">I have an account</Anchor>
      </Outside>
    );
  }
  return (
    <Outside title="Join the workspace" about="You have been invited. Choose a name and a password; your email address is the one that was invited.">
      <NewAccountForm
        first={false}
        verb="Join"
        make={({ name, password }) => body(api.POST('/v1/invitations/accept', { body: { token, name, password } }))}
        done={(session) => enter(session)}
      />
    </Outside>
  );
}
