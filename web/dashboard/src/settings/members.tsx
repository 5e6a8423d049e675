import { Button, Group, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, body } from '../api/client';
import { sessionQuery } from '../api/queries';
import type { Invitation, Member, NewInvitation } from '../api/types';
import { ProblemAlert } from '../parts/problem-alert';
import { refusedIn } from '../parts/refused';
import { Section } from '../parts/section';
import { StatusBadge } from '../parts/status-badge';
import { tell, tellProblem } from '../parts/tell';
import { RelativeTime } from '../parts/time';
import { emailFault } from '../session/password';
import { confirmFirst } from './confirm';
import classes from './settings.module.css';
import { ShownOnce } from './shown-once';

/** Who works in this workspace, and who is invited. */
export function MemberSettings() {
  return (
    <>
      <Members />
      <Invitations />
    </>
  );
}

function Members() {
  const cache = useQueryClient();
  const me = useQuery(sessionQuery).data?.user.id;
  const members = useQuery({ queryKey: ['members'], queryFn: () => body(api.GET('/v1/members', { params: { query: { limit: 100 } } })) });
  const remove = useMutation({
    mutationFn: (member: Member) => api.DELETE('/v1/members/{id}', { params: { path: { id: member.id } } }),
    onSuccess: (_answer, member) => {
      tell(`${member.name} is no longer a member.`);
      return cache.invalidateQueries({ queryKey: ['members'] });
    },
    onError: tellProblem,
  });
  return (
    <Section title="Members" about="Every member may see and change everything in this workspace.">
      {members.error ? <ProblemAlert error={members.error} onRetry={() => void members.refetch()} /> : null}
      {members.isPending ? <Skeleton height={90} /> : null}
      {members.data?.data.map((member) => (
        <div key={member.id} className={classes.row}>
          <div className={classes.what}>
            <Text fw={500}>{member.name} {member.id === me ? <Text span c="dimmed" fw={400}>(you)</Text> : null}</Text>
            <Text size="sm" c="dimmed">{member.email}</Text>
          </div>
          <Text size="sm" c="dimmed">{member.last_seen_at ? <>seen <RelativeTime at={member.last_seen_at} /></> : 'never seen'}</Text>
          {member.id === me ? null : (
            <Button
              size="compact-sm"
              variant="subtle"
              color="red.8"
              c="var(--mantine-color-error)"
              aria-label={`Remove ${member.name}`}
              onClick={() => confirmFirst({
                title: `Remove ${member.name}?`,
                text: `${member.email} is signed out everywhere and can no longer get in. API keys that they made keep working.`,
                verb: 'Remove member',
                act: () => remove.mutate(member),
              })}
            >
              Remove
            </Button>
          )}
        </div>
      ))}
    </Section>
  );
}

function Invitations() {
  const cache = useQueryClient();
  const [made, setMade] = useState<NewInvitation | null>(null);
  const invitations = useQuery({ queryKey: ['invitations'], queryFn: () => body(api.GET('/v1/invitations', { params: { query: { limit: 100 } } })) });
  const form = useForm({ initialValues: { email: '' }, validate: { email: emailFault } });
  const invite = useMutation({
    mutationFn: ({ email }: { email: string }) => body(api.POST('/v1/invitations', { body: { email: email.trim() } })),
    onSuccess: (invitation) => {
      form.reset();
      setMade(invitation);
      return cache.invalidateQueries({ queryKey: ['invitations'] });
    },
    onError: refusedIn(form),
  });
  const withdraw = useMutation({
    mutationFn: (invitation: Invitation) => api.DELETE('/v1/invitations/{id}', { params: { path: { id: invitation.id } } }),
    onSuccess: (_answer, invitation) => {
      if (made?.id === invitation.id) setMade(null);
      return cache.invalidateQueries({ queryKey: ['invitations'] });
    },
    onError: tellProblem,
  });
  return (
    <Section title="Invite a colleague" about="You get a link to pass on yourself: Deskhand sends no mail. It works once, for 7 days.">
      <Stack>
        <form onSubmit={form.onSubmit((values) => invite.mutate(values))} noValidate>
          <Group align="flex-start" gap="xs">
            <TextInput aria-label="Email" type="email" placeholder="colleague@example.com" w={320} maw="100%" {...form.getInputProps('email')} />
            <Button type="submit" loading={invite.isPending}>Invite</Button>
          </Group>
        </form>
        <ProblemAlert error={invite.error} shownFields={Object.keys(form.errors)} />
        {made ? <ShownOnce title={`The link for ${made.email}`} about="Send it to them: it is not shown again." text={made.link} onDone={() => setMade(null)} /> : null}
        {invitations.error ? <ProblemAlert error={invitations.error} onRetry={() => void invitations.refetch()} /> : null}
        <div>
          {invitations.data?.data.map((invitation) => (
            <div key={invitation.id} className={classes.row}>
              <div className={classes.what}>{invitation.email}</div>
              {new Date(invitation.expires_at).getTime() < Date.now()
                ? <StatusBadge status="expired" />
                : <Text size="sm" c="dimmed">expires <RelativeTime at={invitation.expires_at} /></Text>}
              <Button size="compact-sm" variant="subtle" color="gray" c="dimmed" aria-label={`Withdraw the invitation of ${invitation.email}`} onClick={() => withdraw.mutate(invitation)}>Withdraw</Button>
            </div>
          ))}
        </div>
      </Stack>
    </Section>
  );
}
