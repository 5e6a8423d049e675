import { Button, Loader, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { api, body } from '../api/client';
import { ApiProblem, asProblem } from '../api/problem';
import { useFilters } from '../parts/filters';
import { ProblemAlert } from '../parts/problem-alert';
import { useEnter } from './enter';
import { Outside } from './outside';
import { needed } from './password';
import { useAddressToken } from './token';

/** Signs in by email and password, or by itself where the address carries a one-time token. */
export function Page() {
  const token = useAddressToken();
  return token ? <ByLink key={token} token={token} /> : <ByPassword />;
}

function ByLink({ token }: { token: string }) {
  const [{ from }] = useFilters();
  const enter = useEnter();
  const sent = useRef(false);
  const link = useMutation({
    mutationFn: () => body(api.POST('/v1/session/link', { body: { token } })),
    onSuccess: (session) => enter(session, '/', from),
  });
  const { mutate } = link;
  useEffect(() => {
    if (sent.current) return;
    sent.current = true;
    mutate();
  }, [mutate]);
  if (!link.isError) {
    return <Outside title="Signing in …"><Loader size="sm" aria-label="Signing in" /></Outside>;
  }
  const used = link.error instanceof ApiProblem && link.error.code === 'link_invalid';
  return (
    <>
      <ByPassword note={used ? 'This sign-in link has been used or has expired. Sign in with your password, or start the demo again for a new link.' : asProblem(link.error).detail} />
    </>
  );
}

function ByPassword({ note }: { note?: string }) {
  const [{ from }] = useFilters();
  const enter = useEnter();
  const setup = useQuery({ queryKey: ['setup'], queryFn: () => body(api.GET('/v1/setup')) });
  const form = useForm({
    initialValues: { email: '', password: '' },
    validate: { email: needed('your email address'), password: needed('your password') },
  });
  const signIn = useMutation({
    mutationFn: (values: typeof form.values) => body(api.POST('/v1/session', { body: { ...values, email: values.email.trim() } })),
    onSuccess: (session) => enter(session, '/', from),
  });
  if (setup.data?.needed) {
    return (
      <Outside title="Not set up yet" about="Nobody has an account here. When the server started it printed a set-up link: open that link to make the first account.">
        <Text size="sm">The link ends in <code>/setup#…</code>, works once and for 24 hours. Starting the server again prints a new one.</Text>
      </Outside>
    );
  }
  return (
    <Outside title="Sign in" about={note}>
      <form onSubmit={form.onSubmit((values) => signIn.mutate(values))} noValidate>
        <Stack>
          <TextInput label="Email" type="email" autoComplete="username" autoFocus {...form.getInputProps('email')} />
          <PasswordInput label="Password" autoComplete="current-password" {...form.getInputProps('password')} />
          <SignInProblem error={signIn.error} />
          <Button type="submit" loading={signIn.isPending}>Sign in</Button>
        </Stack>
      </form>
    </Outside>
  );
}

function SignInProblem({ error }: { error: unknown }) {
  if (error instanceof ApiProblem && error.code === 'wrong_credentials') {
    const told = new ApiProblem(error.status, {
      code: error.code,
      title: 'Not signed in',
      detail: 'That email and password do not belong together. Check both and try again.',
    });
    return <ProblemAlert error={told} />;
  }
  if (error instanceof ApiProblem && error.code === 'too_many_attempts') {
    const minutes = Math.max(1, Math.ceil((error.retryAfter ?? 900) / 60));
    const told = new ApiProblem(error.status, {
      code: error.code,
      title: 'Too many attempts',
      detail: `Wait ${minutes} min and try again. If you have forgotten your password, ask another member of the workspace.`,
    });
    return <ProblemAlert error={told} />;
  }
  return <ProblemAlert error={error} />;
}
