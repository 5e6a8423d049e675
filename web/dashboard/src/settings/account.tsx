import { Button, Group, PasswordInput, Skeleton, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, body } from '../api/client';
import { sessionQuery } from '../api/queries';
import type { User } from '../api/types';
import { ProblemAlert } from '../parts/problem-alert';
import { refusedIn } from '../parts/refused';
import { Section } from '../parts/section';
import { tell } from '../parts/tell';
import { UnsavedGuard } from '../parts/unsaved-guard';
import { emailFault, needed, passwordFault } from '../session/password';
import { Sessions } from './sessions';

/** One's own name, email, password, and where one is signed in. */
export function AccountSettings() {
  const session = useQuery(sessionQuery);
  if (session.error) return <ProblemAlert error={session.error} />;
  if (!session.data) return <Skeleton height={200} />;
  return (
    <>
      <Who user={session.data.user} />
      <Password />
      <Sessions />
    </>
  );
}

function Who({ user }: { user: User }) {
  const cache = useQueryClient();
  const form = useForm({
    initialValues: { name: user.name, email: user.email, current_password: '' },
    validate: {
      name: needed('your name'),
      email: emailFault,
      current_password: (value, values) => (values.email.trim() !== user.email && value === '' ? 'Enter your password to change your email.' : null),
    },
  });
  const save = useMutation({
    mutationFn: ({ name, email, current_password }: typeof form.values) => {
      const moved = email.trim() !== user.email;
      return body(api.PATCH('/v1/account', { body: { name: name.trim(), ...(moved ? { email: email.trim(), current_password } : {}) } }));
    },
    onSuccess: (saved) => {
      cache.setQueryData(sessionQuery.queryKey, (session) => session && { ...session, user: saved });
      void cache.invalidateQueries({ queryKey: ['members'] });
      const values = { name: saved.name, email: saved.email, current_password: '' };
      form.setInitialValues(values);
      form.setValues(values);
      tell('Saved.');
    },
    onError: refusedIn(form),
  });
  return (
    <Section title="Your account">
      <form onSubmit={form.onSubmit((values) => save.mutate(values))} noValidate>
        <UnsavedGuard dirty={form.isDirty()} />
        <Stack maw={440}>
          <TextInput label="Name" autoComplete="name" maxLength={80} {...form.getInputProps('name')} />
          <TextInput label="Email" type="email" autoComplete="username" {...form.getInputProps('email')} />
          {form.values.email.trim() !== user.email ? (
            <PasswordInput label="Your password" description="Needed to change the email." autoComplete="current-password" {...form.getInputProps('current_password')} />
          ) : null}
          <ProblemAlert error={save.error} shownFields={Object.keys(form.errors)} />
          <Group><Button type="submit" disabled={!form.isDirty()} loading={save.isPending}>Save changes</Button></Group>
        </Stack>
      </form>
    </Section>
  );
}

function Password() {
  const cache = useQueryClient();
  const form = useForm({
    initialValues: { current_password: '', password: '' },
    validate: { current_password: needed('your current password'), password: passwordFault },
  });
  const save = useMutation({
    mutationFn: (values: typeof form.values) => body(api.PATCH('/v1/account', { body: values })),
    onSuccess: () => {
      form.reset();
      tell('Your password is changed. Other sessions are signed out.');
      return cache.invalidateQueries({ queryKey: ['sessions'] });
    },
    onError: refusedIn(form),
  });
  return (
    <Section title="Password" about="Changing it signs you out everywhere else.">
      <form onSubmit={form.onSubmit((values) => save.mutate(values))} noValidate>
        <Stack maw={440}>
          <PasswordInput label="Current password" autoComplete="current-password" {...form.getInputProps('current_password')} />
          <PasswordInput label="New password" description="At least 8 characters; a few words are good." autoComplete="new-password" {...form.getInputProps('password')} />
          <ProblemAlert error={save.error} shownFields={Object.keys(form.errors)} />
          <Group><Button type="submit" variant="default" disabled={!form.isDirty()} loading={save.isPending}>Change password</Button></Group>
        </Stack>
      </form>
    </Section>
  );
}
